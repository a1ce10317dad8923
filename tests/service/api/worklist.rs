//! The worklist page: what a folder holds, part by part, in the frame of the other pages.

use super::helpers::App;
use reqwest::Method;
use std::path::Path;

async fn get(app: &App, path: &str) -> (u16, String) {
    let response = app.request(Method::GET, path).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

/// In the order of their deadlines, which lie in that year.
fn write(folder: &Path, name: &str, lines: usize, year: u32) {
    let mut text = String::new();
    for number in 0..lines {
        let code = if number == 3 { "mri-within-24h" } else { "mri-within-2-weeks" };
        text.push_str(&format!(
            "{{\"patient\": \"{name}-p{number}\", \"code\": \"{code}\", \"indicator\": \"info\", \"summary\": \"<b>MRI</b>\", \
             \"deadline\": \"{year}-05-05T{:02}:{:02}:00Z\", \"overdue\": {}, \"facts\": [\"local_back_pain=yes\"], \"change\": \"new\"}}\n",
            10 + number / 60,
            number % 60,
            number < 7
        ));
    }
    std::fs::write(folder.join(name), text).unwrap();
}

#[actix_web::test]
async fn a_folder_is_shown_run_by_run_and_part_by_part() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "2026-05-03.ndjson", 9, 2024);
    write(folder.path(), "2026-05-04.ndjson", 450, 2126);
    std::fs::write(folder.path().join("notes.txt"), "not a worklist").unwrap();
    std::fs::write(folder.path().join(".2026-05-05.1-of-1.ndjson"), "half a li").unwrap();
    std::fs::write(folder.path().join("2026-05-02.csv"), "patient,code\n").unwrap();
    let app = App::start_with(|config| config.bench.worklist = Some(folder.path().to_owned())).await;

    let (status, page) = get(&app, "/worklist").await;
    assert_eq!(status, 200);
    assert!(page.contains("450 lines, 7 overdue") && page.contains("2026-05-04.ndjson-p199<"), "{page}");
    assert!(!page.contains("2026-05-04.ndjson-p200<") && !page.contains("notes.txt"));
    assert!(
        page.contains("&lt;b&gt;MRI&lt;/b&gt;") && !page.contains("<b>MRI"),
        "what a record says is escaped"
    );
    assert!(page.contains("5 May 2126 10:00") && page.contains(">overdue<") && page.contains(">new<"));
    let next =
        page.split("href=\"").filter_map(|rest| rest.split('"').next()).find(|it| it.contains("from=200"));
    let (_, later) = get(&app, &next.unwrap().replace("&amp;", "&")).await;
    assert!(
        later.contains("2026-05-04.ndjson-p200<") && later.contains("from=400") && later.contains("from=0")
    );

    let (_, earlier) = get(&app, "/worklist?file=2026-05-03.ndjson").await;
    assert!(
        earlier.contains("9 lines, 9 overdue, 2 since it was written")
            && !earlier.contains("2026-05-04.ndjson-p1<")
    );
    let (_, of_code) = get(&app, "/worklist?code=mri-within-24h").await;
    assert!(of_code.contains("1 line, 1 overdue of") && of_code.contains("ndjson-p3<"));
    let (_, broken) = get(&app, "/worklist?file=2026-05-02.csv").await;
    assert!(broken.contains("it has no columns"), "{broken}");
    for elsewhere in ["../api.rs", "notes.txt", "none.csv"] {
        assert_eq!(get(&app, &format!("/worklist?file={elsewhere}")).await.0, 404, "{elsewhere}");
    }
}

#[actix_web::test]
async fn without_a_folder_the_page_says_how_to_have_one() {
    let (status, page) = get(&App::start().await, "/worklist").await;
    assert!(status == 200 && page.contains("serve --worklist FOLDER"), "{page}");
}
