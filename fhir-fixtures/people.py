#!/usr/bin/env python3
"""Invents the people of the fixture cases, and says where a person does not fit the story.

    people.py            gives every Patient a name and a number, and fills in a sex and a birth date where none is written
    people.py --check    changes nothing; exit 1 with one line for each Patient that does not fit

Names follow from the name of the case, so a copied Bundle gets a person of its own with the next run, and a run too many
changes nothing. A sex or a birth date that is written stays: a case may rest on it (a child, a creatinine clearance).
Nobody here is real. Standard library only.
"""

import hashlib
import json
import re
import sys
import tomllib
from datetime import date, timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent

# Family names, given names of women, given names of men; the three lists of a line belong together.
NAMES = [line.split("|") for line in """
Aalders Brinkman Doornbos Hoekstra Kuipers Meindersma Terpstra Veldkamp|Anneke Dieuwke Hilde Jolanda Marijke Tineke Wilma|Bert Dirk Gerrit Jelle Klaas Pieter Wim
Achterberg Brandl Eichinger Fuchs Hollerer Kaltenegger Lindner Voss|Birgit Elfriede Gerda Heike Ingrid Renate Ute|Detlef Ernst Horst Jürgen Manfred Rainer Uwe
Ainsworth Brockley Carrow Dunmore Fenwick Hartnell Merrow Tolley|Alice Dorothy Eileen Joan Margaret Sheila Wendy|Alan Clive Derek Graham Keith Norman Trevor
Adeyinka Balogun Chukwuma Ekwueme Nwosu Obafemi Okonkwo Uzoma|Adaeze Bisi Chioma Folake Ngozi Temitope Yetunde|Babatunde Chidi Emeka Femi Ikenna Olumide Tunde
Alves Barreto Caldeira Figueira Moreira Pacheco Salgado Tavares|Beatriz Conceição Fátima Graça Helena Lurdes Teresa|Armando Duarte Henrique Joaquim Manuel Rui Vasco
Arslan Bayrak Demirci Erdem Kaplan Özkan Şimşek Yıldız|Ayşe Elif Fatma Gülsüm Hatice Nurten Zeynep|Ahmet Cemal Hasan İsmail Mehmet Osman Yusuf
Andersson Bergvall Ekdahl Forsman Lindqvist Nordin Sandell Wikström|Astrid Birgitta Elsa Gunilla Karin Lena Solveig|Anders Bengt Gunnar Lars Olof Sven Torsten
Bhandari Chaudhary Desai Iyer Kulkarni Menon Patil Sengupta|Anjali Deepa Kavita Lakshmi Meena Sunita Usha|Ashok Dinesh Gopal Mohan Prakash Suresh Vijay
Bianco Colombini Ferrero Gallina Marchesi Pellegri Rinaldi Tosetti|Carla Franca Giuliana Lucia Ornella Paola Silvana|Aldo Carlo Enzo Franco Giorgio Luciano Piero
Chen Fang Guo Jiang Luo Shen Xu Zheng|Fen Hui Lan Mei Qing Xiaoling Yan|Bo Guang Jian Jun Ming Qiang Wen
Dang Hoang Lam Ngo Phan Tran Truong Vu|Bich Hanh Huong Lan Mai Thuy Yen|Duc Hai Hung Long Minh Quang Tuan
Bouchard Charpentier Delmas Fabre Lacombe Mercier Perrin Vasseur|Brigitte Colette Françoise Huguette Monique Nicole Simone|Alain Bernard Gérard Jacques Luc Marcel Yves
El-Amrani Benali Cherkaoui Haddad Khoury Mansouri Rahal Saidi|Amina Fadila Hanan Karima Latifa Nadia Samira|Abdelkader Driss Farid Hamid Karim Mustapha Rachid
Baranowski Czajka Dudek Gorski Kowalik Nowicki Sobczak Wrona|Bożena Danuta Elżbieta Halina Irena Jadwiga Teresa|Andrzej Jerzy Kazimierz Marek Ryszard Stefan Zbigniew
Aguirre Barrios Cárdenas Escobar Figueroa Montoya Quiroga Villalba|Alicia Carmen Elena Graciela Lourdes Pilar Rosario|Alfonso Ernesto Hernán Ignacio Julio Ramón Tomás
Hayashi Ishida Kondo Matsuda Nakagawa Okada Sakamoto Ueda|Akiko Chieko Fumiko Haruko Keiko Noriko Yoko|Hiroshi Isamu Kenji Makoto Noboru Shigeru Takashi
""".strip().splitlines()]

# Adults: youngest and oldest by disease, the first that is in the record.
AGES = [("pregnan", 24, 41), ("prostat", 58, 84), ("breast", 36, 82), ("lung", 48, 80), ("myeloma", 52, 82),
        ("kidney", 45, 78), ("colon", 46, 80), ("lymphoma", 32, 74), ("", 42, 80)]

FEMALE = re.compile(r"\b(wom[ae]n|girl|she|her|female|mother)\b", re.I)
MALE = re.compile(r"\b(m[ae]n|boy|he|him|his|male|father)\b", re.I)
MINOR = re.compile(r"\b(child|boy|girl|under 18|turns eighteen tomorrow)\b", re.I)
NUMBERS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen".split()
AGE = re.compile(rf"(?:boy|girl|child|man|woman|patient) of ({'|'.join(NUMBERS)}|\d+)\b|\b(\d+)(?:-year-old| years,| years old)", re.I)
FEMALE_DISEASE = re.compile(r"breast|ovar|uterus|uterine|cervix uteri|pregnan", re.I)
MALE_DISEASE = re.compile(r"prostat|testi[sc]", re.I)
DATE = re.compile(r'"((?:19|20)\d\d)(?:-(\d\d))?(?:-(\d\d))?(?:T[^"]*)?"')


def chance(*of):
    """A large number that follows from the words given, and looks like chance."""
    return int.from_bytes(hashlib.sha256("/".join(map(str, of)).encode()).digest()[:8], "big")


def pick(items, *of):
    return items[chance(*of) % len(items)]


class Person:
    """A Patient of a case with what the case says of it."""

    def __init__(self, case, patient, resources, told, alone):
        self.case, self.patient, self.told = case, patient, told
        identity = patient["id"]
        self.key = case if alone or told.get("patient") == identity else f"{case}/{identity}"
        reference = f"Patient/{identity}"
        own = [r for r in resources if str((r.get("subject") or r.get("patient") or {}).get("reference", "")).endswith(reference)]
        relatives = [r for r in own if r["resourceType"] == "FamilyMemberHistory"]
        self.record = json.dumps([r for r in own if r not in relatives], ensure_ascii=False)
        diseases = [r.get("code") for r in own if r["resourceType"] in ("Condition", "Observation")
                    and not re.search(r"famil", json.dumps(r), re.I)]
        self.diseases = json.dumps(diseases, ensure_ascii=False).lower()
        # A story tells of the patient that is asked about.
        self.story = f"{told['story']} {' '.join(told.get('covers', []))}" if self.key == case else ""
        self.today = date.fromisoformat(told["now"][:10])

    def sexes(self):
        """What the story and the record ask for, each with its reason."""
        words = self.story
        asked = {"female": [], "male": []}
        for sex, pattern, where, text in [("female", FEMALE, "story", words), ("male", MALE, "story", words),
                                          ("female", FEMALE_DISEASE, "record", self.diseases),
                                          ("male", MALE_DISEASE, "record", self.diseases)]:
            if found := pattern.search(text):
                asked[sex].append(f"the {where} says “{found.group(0)}”")
        return asked

    def sex(self):
        asked = self.sexes()
        if bool(asked["female"]) != bool(asked["male"]):
            return "female" if asked["female"] else "male"
        return pick(["female", "male"], self.key, "sex")

    def name(self, sex):
        families, women, men = pick(NAMES, self.key, "culture")
        given = (women if sex == "female" else men).split()
        return {"use": "official", "family": pick(families.split(), self.key, "family"), "given": [pick(given, self.key, "given")]}

    def number(self):
        return f"SYN-{chance(self.key, 'number') % 900000 + 100000}"

    def birth(self):
        youngest, oldest = next((low, high) for word, low, high in AGES if word in self.diseases + self.story.lower())
        age = youngest + chance(self.key, "age") % (oldest - youngest + 1)
        # No disease of an adult before 20 years of age.
        earliest = min((int(found.group(1)) for found in DATE.finditer(self.record)), default=self.today.year)
        year = min(self.today.year - age, earliest - 20)
        return (date(year, 1, 1) + timedelta(days=chance(self.key, "day") % 365)).isoformat()

    def fill(self):
        patient = self.patient
        patient.setdefault("gender", self.sex())
        patient.setdefault("birthDate", self.birth())
        patient["name"] = [self.name(patient["gender"])]
        patient["identifier"] = [{"system": "https://ehr.example.org/mrn", "value": self.number()}]

    def faults(self):
        patient, sex = self.patient, self.patient.get("gender")
        if patient.get("name") != [self.name(sex)] or [i.get("value") for i in patient.get("identifier", [])] != [self.number()]:
            yield "name or number is not its own: run fhir-fixtures/people.py"
        for other, reasons in self.sexes().items():
            if reasons and sex != other:
                yield f"is {sex}, but {'; '.join(reasons)}"
        written = patient.get("birthDate")
        if not written:
            yield "has no birth date: run fhir-fixtures/people.py"
            return
        year, month, day = (int(part) for part in (written + "-01-01").split("-")[:3])
        born = date(year, month, day)
        age = self.today.year - year - ((self.today.month, self.today.day) < (month, day))
        if MINOR.search(self.story) and age >= 18:
            yield f"is {age} years old, but the story tells of a minor"
        if not MINOR.search(self.story) and age < 18 and not AGE.search(self.story):
            yield f"is {age} years old, and the story does not say so"
        if said := AGE.search(self.story):
            said = (said.group(1) or said.group(2)).lower()
            said = NUMBERS.index(said) + 10 if said in NUMBERS else int(said)
            if said != age:
                yield f"is {age} years old, but the story says {said}"
        if age > 100:
            yield f"is {age} years old"
        if "77386006" in self.record and not 15 <= age <= 50:
            yield f"is pregnant at {age} years of age"
        for found in DATE.finditer(self.record):
            if (int(found.group(1)), int(found.group(2) or 12), int(found.group(3) or 31)) < (born.year, born.month, born.day):
                yield f"was born on {written}, after {found.group(0)} of the record"


def people(folder):
    """The Bundle of a case with its people."""
    told = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
    bundle = json.loads((folder / "bundle.json").read_text(encoding="utf-8"))
    resources = [entry["resource"] for entry in bundle.get("entry", [])]
    patients = [r for r in resources if r["resourceType"] == "Patient"]
    return bundle, [Person(folder.name, patient, resources, told, len(patients) == 1) for patient in patients]


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit(__doc__)
    wrong = 0
    for file in sorted(HERE.glob("*/*/bundle.json")):
        bundle, persons = people(file.parent)
        if not check:
            for person in persons:
                person.fill()
            text = json.dumps(bundle, indent=2, ensure_ascii=False) + "\n"
            if text != file.read_text(encoding="utf-8"):
                file.write_text(text, encoding="utf-8")
        for person in persons:
            for fault in person.faults():
                wrong += 1
                print(f"{file.parent.relative_to(HERE)}: {person.patient['id']} {fault}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
