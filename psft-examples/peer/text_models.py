"""Writes the two tables of io.github.psft4j.eval.text from the data of their authors.

language-profiles.tsv: counts of the n-grams of 55 languages, from langdetect 1.0.9 (Apache-2.0), whose data are those
of Nakatani Shuyo's language-detection. punkt-english.tsv: the English model of Punkt by Kiss and Strunk, from NLTK's
package punkt_tab (MIT).

    python text_models.py PUNKT_TAB_ENGLISH_FOLDER OUT_FOLDER
"""
import json
import pathlib
import sys

import langdetect
from langdetect.utils.ngram import NGram

punkt, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])

folder = pathlib.Path(langdetect.__file__).parent / "profiles"
profiles = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.iterdir())]
counts = {}
for number, profile in enumerate(profiles):
    for gram, count in profile["freq"].items():
        if 1 <= len(gram) <= 3:
            counts.setdefault(gram, []).append(f"{number}:{count}")
with open(out / "language-profiles.tsv", "w", encoding="utf-8", newline="\n") as file:
    file.write("# language: name, n-grams of length 1, 2, 3; same: ideographs counted as the first of them;\n")
    file.write("# gram: language number and count\n")
    for profile in profiles:
        file.write("language\t" + profile["name"] + "\t" + " ".join(map(str, profile["n_words"])) + "\n")
    for same in NGram.CJK_CLASS:
        file.write("same\t" + same + "\n")
    for gram in sorted(counts):
        file.write("gram\t" + gram + "\t" + " ".join(counts[gram]) + "\n")

with open(out / "punkt-english.tsv", "w", encoding="utf-8", newline="\n") as file:
    file.write("# abbreviation without its period; starter of sentences; pair around a period that ends no sentence;\n")
    file.write("# small: word seen with a small letter, never with a capital inside a sentence; mixed: with both;\n")
    file.write("# opens: small, and seen with the small letter where a sentence begins\n")
    for kind, name in (("abbreviation", "abbrev_types.txt"), ("starter", "sent_starters.txt")):
        for word in sorted((punkt / name).read_text(encoding="utf-8").split("\n")):
            if word:
                file.write(kind + "\t" + word + "\n")
    for line in sorted((punkt / "collocations.tab").read_text(encoding="utf-8").split("\n")):
        if line:
            file.write("pair\t" + line + "\n")
    for line in sorted((punkt / "ortho_context.tab").read_text(encoding="utf-8").split("\n")):
        if line:
            word, bits = line.split("\t")
            capital, capital_inside, small_first, small = 14, 4, 16, 112
            if int(bits) & small:  # what was never seen with a small letter decides nothing
                kind = "mixed" if int(bits) & capital_inside else "small"
                opens = int(bits) & small_first and not int(bits) & capital
                file.write(("opens" if opens else kind) + "\t" + word + "\n")
