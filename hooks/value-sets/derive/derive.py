#!/usr/bin/env python3
"""Derives `../derived.tsv`, the value sets that are too large to keep by hand, from public code lists.

    python3 derive.py SOURCES            # writes ../derived.tsv and left-out.tsv
    python3 derive.py SOURCES --check    # exit 1 when the files are not what the sources give

SOURCES is a folder with the lists that README.md names. Standard library only. A code enters by a rule over the terms of its
lists, never one by one; `../README.md` says what a concept is, and guideline section 2 what a code means.
"""
import collections, csv, json, os, re, sys

HERE = os.path.dirname(os.path.abspath(__file__))
SCT = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
LOINC = "http://loinc.org"
NDC = "http://hl7.org/fhir/sid/ndc"
HCPCS = "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
HEADER = ("# Written by derive/derive.py. Concepts, system, the public lists that carry the codes, codes.\n"
          "# SNOMED CT codes stand with their lists and without terms; see derive/README.md.\n")


def rows(folder, name):
    path = os.path.join(folder, name)
    with open(path, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))


def has(pattern, text):
    return re.search(pattern, text) is not None


# ---- cancers in SNOMED CT ------------------------------------------------------------------------------------------

# Not malignant, or of a behaviour that the guideline leaves open (ICD-10 D45 to D47).
NOT_READ = [
    (r"myelodysplas|refractory (an(a)?emia|cytopenia|thrombocytopenia|neutropenia)|polycyth|thrombocyth|mastocyt",
     "uncertain behaviour in ICD-10 (D45 to D47)"),
    (r"smou?ldering", "smouldering myeloma: the guideline leaves it open"),
    (r"\bin situ\b|intraepi|benign|borderline|uncertain|suspect|adenolymphoma", "not malignant, or not certain"),
]
SKIN = r"basal cell|epithelioma basal|(squamous|spindle) cell carcinoma.*\bskin\b|\bskin\b.*(squamous|basal)|keratoacanthoma"
SKIN_SITE = r"malignan\w+ (neoplasm|tumou?r)( \w+)* (of|of the) (the )?skin\b|carcinoma of skin|cancer of skin|skin cancer"
NOT_SKIN = r"melanoma|merkel|kaposi|lymphoma|sarcoma|mycosis|metasta|secondary"

# Beyond the mCODE lists: a term must name the malignancy itself, not what comes of it.
NAMES_A_CANCER = (r"^(primary )?malignant (neoplasm|tumor|melanoma|carcinoid)|^(adeno)?carcinoma of|^non-metastatic prostate cancer"
                  r"|^large cell carcinoma of|^small cell carcinoma|^glioblastoma isocitrate|^epithelioid glioblastoma"
                  r"|^liposarcoma \(disorder|^(large cell anaplastic|follicular malignant|anaplastic) .*lymphoma"
                  r"|^anaplastic lymphoma kinase|^plasma cell myeloma$|^bronchioloalveolar carcinoma \(disorder"
                  r"|^(basal|renal|hepatocellular)? ?cell carcinoma \(disorder|^melanoma carcinomatosis|carcinoma.*\(disorder\)$")
NAMES_A_METASTASIS = (r"^metastatic .*(cancer|carcinoma)|(carcinoma|cancer|melanoma) metastatic to"
                      r"|^secondary (malignant|neuroendocrine carcinoma|undifferentiated)|melanoma carcinomatosis")
A_MORPHOLOGY = r"\(morphologic|category|no (icd|international|subtype)"
NOT_ITSELF = (r"due to|co-occurrent|finding|stag(e|ing) finding|margin|excision|pain from|fatigue|antigen|effusion|ascites"
              r"|nephropath|neuropath|no evidence|\bkidney$|biops|screening|family|histor|risk|\bH/O\b|cytology|\(procedure")

BONE = (r"\b(bones?|skeleton|skeletal|vertebra\w*|spine|sacrum|sacral|coccyx|coccygeal|ribs?|sternum|clavicle|scapula|skull"
        r"|cranium|mandible|maxilla|femur|tibia|fibula|humerus|radius|ulna|ilium|ischium|pubis|patella|phalan\w+"
        r"|carpal|tarsal|metacarp\w+|metatars\w+|calcaneum|calcaneus|talus|hyoid|vomer|acetabulum|scaphoid|lunate|cuboid|navicular"
        r"|cuneiform|hamate|capitate|pisiform|trapezi\w+|triquetr\w+|manubrium|xiphoid|pelvic (bones?|girdle))\b")
NOT_BONE = (r"marrow|skin|lymph|soft tissue|muscle|nerve|arter|vein|sinus|gingiva|gum|mucosa|meninges|spinal cord|cauda|pleura"
            r"|canal|bursa|tendon|synovi|subcutaneous|connective|paraspinal|joint|thoracic (duct|esoph)")
SPINE = r"vertebra|spinal column|\bspine\b|sacrum|sacral|coccyx|coccygeal|\batlas\b"

MYELOMA = r"myeloma|plasmacytoma"
LYMPHOMA = (r"lymphoma|hodgkin|mycosis fungoides|s[eé]zary|lymphosarcoma|reticulosarcoma|reticulum cell sarcoma"
            r"|macroglobulin|heavy chain disease|lymphogranul|burkitt")
NOT_LYMPHOMA = r"leuk(a)?emia(?!/lymphoma)"
AGGRESSIVE = (r"(?<!non-)(?<!non )hodgkin|diffuse.*large|large b[- ]cell|burkitt|lymphoblastic lymphoma|immunoblastic"
              r"|high[- ]grade|undifferentiated lymphoma|mediastinal.*b-cell|anaplastic|grade 3|lymphoblastic \(diffuse\)")
INDOLENT = r"cutaneous|low[- ]grade|breast implant|non-hodgkin'?s? lymphoma of|nonhodgkin"
GERM = (r"germ cell|seminoma|dysgerminoma|embryonal carcinoma|yolk sac|endodermal sinus|choriocarcinoma|teratocarcinoma"
        r"|germinoma|malignant teratoma|malignant (neoplasm|tumor) of.*\btest(i|e)s\b|testicular cancer")
SMALL = r"small cell (neuroendocrine )?carcinoma|oat cell|small cell (lung )?cancer|small cell.*lung|small cell malignant"
NOT_SMALL = r"non[- ]small|squamous|glioblastoma|lymph|leuk"
PROSTATE = r"prostat"
BLOOD = (r"leuk(a)?emia|histiocyt|letterer|histiocytosis|myelofibrosis|panmyelosis|myeloid sarcoma|chloroma|plasma cell"
         r"|myeloproliferative|lymphoid neoplasm|h(a)?ematologic|mast cell|immunoproliferative")
NO_ORGAN = r"^(primary )?malignant (neoplastic disease|neoplasm|tumor)$|unknown (primary|origin)|disseminated malig|carcinomatosis"


def cancer(display, lists):
    """The concepts of a cancer's code and, when it has none, why."""
    text = display.lower()
    listed = "mcode" in lists
    if has(A_MORPHOLOGY, text) or text.endswith("(finding)"):
        return None, "a morphology or finding, no diagnosis"
    if listed:
        secondary = "mcode-secondary" in lists
        if not secondary and not has(r"remission", text) and has(NOT_READ[0][0], text):
            return None, NOT_READ[0][1]
        for pattern, why in NOT_READ[1:]:
            if has(pattern, text):
                return None, why
    else:
        secondary = has(NAMES_A_METASTASIS, text)
        if not (secondary or has(NAMES_A_CANCER, text)) or has(NOT_ITSELF, text) or has(NOT_READ[2][0], text):
            return None, None
        if not set(lists.split(",")) & {"ips", "ohdsi", "pama"}:
            return None, "one list of cross references alone"
    concepts = set()
    if secondary:
        concepts.add("secondary-malignancy")
        if has(BONE, text) and not has(NOT_BONE, text):
            concepts.add("spine-metastasis" if has(SPINE, text) else "bone-metastasis")
        if has(r"(prostate (cancer|carcinoma)|carcinoma of prostate).*(metasta|bony)|metastatic.*prostate cancer|(metasta\w+|separate) .*from prostate", text):
            concepts.add("prostate-cancer")
    else:
        concepts.add("cancer-in-remission" if has(r"in remission", text) else "primary-malignancy")
        if (has(SKIN, text) or has(SKIN_SITE, text)) and not has(NOT_SKIN, text):
            concepts.add("non-melanoma-skin-cancer")
        if has(PROSTATE, text) and not has(r"(extension|invasion) from prostate", text) and not has(LYMPHOMA, text):
            concepts.add("prostate-cancer")
        if has(GERM, text):
            concepts.add("germ-cell-tumour")
        if has(SMALL, text) and not has(NOT_SMALL, text):
            concepts.add("small-cell-carcinoma")
        if has(BLOOD, text) or has(NO_ORGAN, re.sub(r" \(disorder\)$", "", text)):
            concepts.add("not-a-solid-tumour")
    if has(MYELOMA, text) and not has(r"leuk", text):
        concepts |= {"myeloma"}
    elif has(LYMPHOMA, text) and not has(NOT_LYMPHOMA, text):
        concepts |= {"lymphoma"}
        if has(AGGRESSIVE, text) and not (has(INDOLENT, text) and not has(r"high[- ]grade|diffuse.*large", text)):
            concepts |= {"aggressive-lymphoma"}
    return concepts, None


# ---- history, signs and states in SNOMED CT: whole terms ----------------------------------------------------------

HISTORY = r"^(h/o:? |(personal )?history of )(primary )?.*(malignan|leuk(a)?emia|lymphoma|carcinoma|cancer|melanoma)"
HISTORY_OF_SKIN = r"basal cell|squamous cell carcinoma of skin|neoplasm of skin"
NOT_HISTORY = r"famil|in situ|benign|screen|risk|mother|father|sister|brother|sibling|relative"

WEAK_LIMB = r"^(muscle )?weakness of (limb|hand|arm|leg|foot)|^(upper|lower) limb muscle weakness|^muscle weakness of limb|^(hand|quadriceps|foot|arm|leg) muscle weakness"
SIGNS = [  # concepts, pattern over the whole term in lower case without its tag
    ("back-pain", r"(neck pain|backache|(chronic |acute )?(low |thoracic )?back pain|mechanical low back pain"
                  r"|back pain complicating pregnancy|pain in (thoracic|lumbar|cervical) spine|disorder characterized by back pain)"),
    ("radicular-pain", r"((cervical|thoracic|lumbar|lumbosacral) radicul(opathy|itis)|(chronic |acute )?sciatica|.* with radiculopathy"
                       r"|cervical root syndrome|thoracic and lumbosacral neuritis)"),
    ("limb-weakness limb-leg", r"(foot-?\s?drop|paresis of lower extremity|monoparesis (of lower limb|- leg)|lower limb muscle weakness|quadriceps muscle weakness)"),
    ("limb-weakness limb-arm", r"(wrist-?\s?drop|paresis of upper extremity|monoparesis (of upper limb|- arm)|upper limb muscle weakness"
                               r"|hand muscle weakness|weakness of hand)"),
    ("limb-weakness", r"(weakness of limb|muscle weakness of limb)"),
    ("paraparesis", r"((spastic )?(paraparesis|paraplegia|tetraplegia|tetraparesis|quadriplegia|quadriparesis)"
                    r"|(in)?complete (tetraplegia|paraplegia) due to .*)"),
    ("myelopathy", r"((cervical|thoracic|transverse|lumbar)? ?myelopathy( syndrome)?|.*(disc disorder|spondylosis).* with myelopathy"
                   r"|myelopathy due to .*spondylosis|spinal cord disease|anterior cord syndrome|(ankle |knee )?clonus|babinski sign|chaddock reflex|oppenheim reflex|hyperreflexia)"),
    ("cord-compression", r"spinal cord compression"),
    ("cauda-equina-syndrome", r"cauda equina syndrome.*"),
    ("gait-disturbance", r"(ataxia|(gait|sensory|spinal|truncal|cerebellar) ataxia|abnormal gait|(spastic|scissor|steppage|shuffling|toe-walking) gait"
                         r"|unsteady (gait|when walking)|walking disability|gait apraxia|impairment of balance|unable to balance)"),
    ("urinary-retention", r"(acute |chronic )?(urinary retention|retention of urine)"),
    ("bladder-or-bowel-disturbance", r"(incontinence of feces|(flaccid |spastic )?neurogenic (bladder|bowel)"
                                     r"|neurogenic dysfunction of the urinary bladder|bladder dysfunction)"),
    ("urinary-incontinence", r"((total |mixed )?urinary incontinence|urge incontinence of urine)"),
    ("limb-numbness limb-leg", r"numbness of (lower limb|foot|leg)"),
    ("limb-numbness limb-arm", r"numbness of (upper limb|hand|arm)"),
    ("numbness", r"(numbness|numbness of skin|hypoesthesia|hypesthesia)"),
    ("vertebral-fracture", r"(pathological fracture of vertebra.*|(compression|wedge) fracture of (vertebral column|(lumbar|thoracic|cervical) spine|vertebra)"
                           r"|collapse of vertebra|metastatic fracture of vertebra)"),
    ("other-vertebral-fracture", r"((closed |open )?fracture (of )?(the )?(vertebral column|(cervical|thoracic|lumbar) (spine|vertebra)).*|osteoporotic (vertebral collapse|collapse of .*vertebra))"),
    ("pregnant", r"(pregnancy|pregnant( - (un)?planned)?|patient currently pregnant|(normal|twin|triplet|high risk|multiple|intrauterine|(un)?planned|unwanted) pregnancy)"),
    ("mri-safety-review", r"((h/o: |history of )?(cardiac )?(pacemaker|defibrillator) in situ|cochlear (implant|prosthesis) in situ)"),
]
CHILD_OR_STROKE = r"congenital|hereditary|familial|infantile|late effect|following stroke|cerebrovascular|functional|hysterical|psychogenic|due to multiple sclerosis"


def finding(display, lists):
    """The concepts of a history, sign or state."""
    text = re.sub(r" \((disorder|finding|situation)\)$", "", display.lower()).strip()
    if has(HISTORY, text) and not has(NOT_HISTORY, text):
        return {"non-melanoma-skin-cancer"} if has(HISTORY_OF_SKIN, text) and not has("melanoma of", text) else {"history-of-malignancy"}
    if "(procedure)" in display or has(A_MORPHOLOGY, display.lower()) or has(CHILD_OR_STROKE, text):
        return set()
    found = set()
    for concepts, pattern in SIGNS:
        if re.fullmatch(pattern, text):
            found |= set(concepts.split())
    return found


def snomed(folder):
    out, left = [], []
    for row in rows(folder, "snomed.tsv"):
        display, lists = row["display"], row["sources"]
        concepts = finding(display, lists)
        if not concepts:
            concepts, why = cancer(display, lists)
            if why and "mcode" in lists:
                left.append((SCT, row["code"], why))
        if concepts:
            out.append((concepts, SCT, lists, row["code"]))
    return out, left


# ---- drugs --------------------------------------------------------------------------------------------------------

LOCAL = (r"ophthalmic|otic|topical|cream|ointment|lotion|nasal|inhal|rectal|shampoo|eye|ear drops|foam|paste|spray|gel\b|mouthwash"
         r"|intravitreal|implant|enema|dental")
ON_THE_SKIN = r"topical|cream|ointment|lotion|ophthalmic|solution for the eye"


def drug_names():
    path = os.path.join(HERE, "..", "..", "..", "src", "fhir", "words", "drug-names.tsv")
    with open(path, encoding="utf-8") as f:
        return dict(line.rstrip("\n").split("\t") for line in f if not line.startswith("#"))


CONCEPTS = {"antineoplastic": "antineoplastic-drug", "corticosteroid": "corticosteroid", "zoledronic-acid": "zoledronic-acid",
            "bisphosphonate": "bisphosphonate", "bone-agent": "bone-agent"}


def drug(name, atc, stems):
    """The concepts of a drug by its RxNorm name and ATC classes."""
    text = name.lower()
    brand = re.sub(r"\[.*?\]", " ", text)
    kinds = {stems[s] for word in re.findall(r"[^\W\d_]+", brand) for s in stems if word.startswith(s)}
    classes = {c for c in atc.split(",") if c}
    if any(c.startswith(("L01", "L02")) for c in classes) and not has(r"methotrexate|medroxyprogest|megestrol", text):
        kinds.add("antineoplastic")
    if has(LOCAL, text):
        kinds.discard("corticosteroid")
    if has(ON_THE_SKIN, text):
        kinds.discard("antineoplastic")
    return {CONCEPTS[k] for k in kinds}


def rxnorm(folder):
    names, out, left = drug_names(), [], []
    for row in rows(folder, "rxnorm.tsv"):
        text = row["name"].lower()
        found = drug(text, row["atc"], names)
        if "prolia" in text or "reclast" in text:
            found, why = set(), "osteoporosis dose"
            left.append((RXNORM, row["code"], why))
        if found:
            out.append((found, RXNORM, row["sources"], row["code"]))
    return out, left


def hcpcs(concept):
    """Whether an HCPCS code is in the value set that is kept by hand."""
    with open(os.path.join(HERE, "..", concept + ".json"), encoding="utf-8") as f:
        compose = json.load(f)["compose"]

    def listed(part, code):
        own = [entry for entry in compose.get(part, []) if entry["system"] == HCPCS]
        return any(code == c["code"] for entry in own for c in entry.get("concept", [])) or any(
            code.startswith(f["value"]) for entry in own for f in entry.get("filter", []))

    return lambda code: listed("include", code) and not listed("exclude", code)


def ndc(folder):
    """Products that CMS pays under an HCPCS code of the concept, and whose ingredient is of the concept where RxNorm gives it."""
    names, out, left = drug_names(), [], []
    paid_as = {concept: hcpcs(concept) for concept in CONCEPTS.values()}
    for row in rows(folder, "ndc.tsv"):
        paid = {c for c in paid_as if any(paid_as[c](code) for code in row["hcpcs"].split())}
        named = drug(row["name"], row["atc"], names)
        if row["sources"] == "cms-asp":
            # The payer's own list alone: its names are short and may name no ingredient, but none of another concept.
            found = paid if named <= paid and not has(r"methotrexate", row["name"].lower()) else set()
        else:
            found = paid & named
        if row["use"]:
            left.append((NDC, row["code"], "osteoporosis dose"))
        elif found:
            out.append((found, NDC, row["sources"], row["code"]))
    return out, left


# ---- imaging ------------------------------------------------------------------------------------------------------

def loinc(folder):
    out = []
    for row in rows(folder, "loinc.tsv"):
        name = row["name"]
        spine = has(r"[Ss]pine|Sacrum|Odontoid", name)
        if has(r"Guidance|joint injection|vessel|Facet|RF |RFA |US |CTA|MRA|myelo|PET|SPECT/CT|WBC|marrow|density|DXA", name):
            continue
        regions = frozenset(r for r in ("Cervical", "Thoracic", "Lumbar") if has(r"(?i)" + r, name))
        concept = None
        if name.startswith("MR ") and spine:
            concept = {frozenset(): "mri-spine", frozenset({"Cervical"}): "mri-cervical-spine", frozenset({"Thoracic"}): "mri-thoracic-spine",
                       frozenset({"Lumbar"}): "mri-lumbar-spine", frozenset({"Thoracic", "Lumbar"}): "mri-thoracic-and-lumbar-spine",
                       frozenset({"Cervical", "Thoracic", "Lumbar"}): "mri-whole-spine"}.get(regions)
        elif name.startswith("CT ") and spine:
            concept = "ct-spine"
        elif name.startswith(("XR ", "Portable XR ")) and spine:
            concept = "xray-spine"
        elif has(r"^NM Bone (Views|whole body|limited)|^NM Bone$|^NM Whole body Bone", name):
            concept = "bone-scintigraphy"
        if concept:
            out.append(({concept}, LOINC, "loinc-imaging", row["code"]))
    return out


# ---- writing ------------------------------------------------------------------------------------------------------

def table(entries):
    groups = collections.defaultdict(set)
    for concepts, system, lists, code in entries:
        groups[(" ".join(sorted(concepts)), system, lists)].add(code)
    text = [HEADER]
    for (concepts, system, lists), codes in sorted(groups.items()):
        codes = sorted(codes, key=lambda c: (len(c), c))
        for start in range(0, len(codes), 200):
            text.append("\t".join((concepts, system, lists, " ".join(codes[start:start + 200]))) + "\n")
    return "".join(text)


def main(argv):
    folders = [a for a in argv if not a.startswith("--")]
    if len(folders) != 1:
        raise SystemExit(__doc__)
    entries, left = snomed(folders[0])
    for drugs in (rxnorm, ndc):
        more, more_left = drugs(folders[0])
        entries, left = entries + more, left + more_left
    entries += loinc(folders[0])
    files = {
        os.path.join(HERE, "..", "derived.tsv"): table(entries),
        os.path.join(HERE, "left-out.tsv"): "# Written by derive.py: codes of the lists that a rule leaves out, and why.\n"
        + "".join("\t".join(r) + "\n" for r in sorted(set(left))),
    }
    for path, text in files.items():
        if "--check" in argv:
            with open(path, encoding="utf-8") as f:
                if f.read() != text:
                    raise SystemExit(f"{os.path.normpath(path)} is not what the sources give: run derive.py without --check")
        else:
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
    counts = collections.Counter(c for e in entries for c in e[0])
    print(", ".join(f"{c} {n}" for c, n in sorted(counts.items())))


if __name__ == "__main__":
    main(sys.argv[1:])
