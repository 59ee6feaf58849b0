#!/usr/bin/env python3
"""Makes the table of what single words mean, from WordNet's dictionary files.

  apt-get download wordnet-base && dpkg -x wordnet-base_*.deb .      -> usr/share/wordnet
  word_senses.py usr/share/wordnet crates/tier1/src/senses

Writes senses.txt with a line for each sense, in the order of their numbers, those of most words first: the senses above it, those
opposite to it and those it is similar to, with a bar between; words.txt with a line for each word, in the order of the alphabet: how
many letters it shares with the word before, its other letters, and its senses; derived.txt with a line for each of the same words: the
senses of words that are derived from it or from which it is derived. Numbers are in base 36. Latin names of animals and plants are
left out, and the nouns that `training_worlds.py` takes: what is learned from must not be known beforehand. Standard library only.
"""

import collections
import os
import re
import sys

from training_worlds import is_learned_from

KINDS = ("noun", "verb", "adj", "adv")
KIND_OF = {"n": "noun", "v": "verb", "a": "adj", "s": "adj", "r": "adv"}
ABOVE, OPPOSITE, SIMILAR = range(3)
RELATIONS = {"@": ABOVE, "@i": ABOVE, "!": OPPOSITE, "&": SIMILAR}
DERIVED = ("+", "\\")
ANIMALS, PLANTS = "05", "20"
NOTICE = """# From WordNet 3.0: what single words mean. Made by crates/bench/word_senses.py, which says how to read it.
#
# WordNet 3.0 Copyright 2006 by Princeton University. All rights reserved.
# Permission to use, copy, modify and distribute this software and database and its documentation for any purpose and without
# fee or royalty is hereby granted, provided that you agree to comply with the following copyright notice and statements,
# including the disclaimer, and that the same appear on ALL copies of the software, database and documentation, including
# modifications that you make for internal use or for distribution. THIS SOFTWARE AND DATABASE IS PROVIDED "AS IS" AND
# PRINCETON UNIVERSITY MAKES NO REPRESENTATIONS OR WARRANTIES, EXPRESS OR IMPLIED. BY WAY OF EXAMPLE, BUT NOT LIMITATION,
# PRINCETON UNIVERSITY MAKES NO REPRESENTATIONS OR WARRANTIES OF MERCHANTABILITY OR FITNESS FOR ANY PARTICULAR PURPOSE OR THAT
# THE USE OF THE LICENSED SOFTWARE, DATABASE OR DOCUMENTATION WILL NOT INFRINGE ANY THIRD PARTY PATENTS, COPYRIGHTS,
# TRADEMARKS OR OTHER RIGHTS. The name of Princeton University or Princeton may not be used in advertising or publicity
# pertaining to distribution of the software and/or database. Title to copyright in this software, database and any associated
# documentation shall at all times remain with Princeton University and LICENSEE agrees to preserve same."""


def base36(number):
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
        if number == 0:
            return digits


def synsets(folder):
    """Each synset by kind and offset: its words, and its pointers with their numbers of words."""
    found = {}
    for kind in KINDS:
        for line in open(os.path.join(folder, "data." + kind), encoding="utf-8"):
            if line.startswith("  "):
                continue
            fields = line.split("|")[0].split()
            words = [re.sub(r"\(.*\)$", "", word) for word in fields[4 : 4 + 2 * int(fields[3], 16) : 2]]
            rest = fields[4 + 2 * len(words) :]
            pointers = [rest[at : at + 4] for at in range(1, 1 + 4 * int(rest[0]), 4)]
            if fields[1] in (ANIMALS, PLANTS):
                words = [word if word.islower() else "" for word in words]
            words = [word.lower() for word in words]
            found[kind, fields[0]] = (words, [(p, (KIND_OF[k], at), int(n[:2], 16), int(n[2:], 16)) for p, at, k, n in pointers])
    return found


def write(folder, name, lines):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in [NOTICE, *lines])


def main():
    folder = sys.argv[1]
    known = synsets(folder)
    kept = {key for key, (words, _) in known.items() if key[0] != "noun" or not is_learned_from(key[1], words)}
    senses, derived = collections.defaultdict(set), collections.defaultdict(set)
    relations = {}
    for key in kept:
        words, pointers = known[key]
        for word in filter(None, words):
            senses[word].add(key)
        relations[key] = collections.defaultdict(set)
        for pointer, other, nth, of_other in pointers:
            if other in kept and pointer in RELATIONS:
                relations[key][RELATIONS[pointer]].add(other)
            elif other in kept and pointer in DERIVED:
                for word in words[nth - 1 : nth] or words:
                    derived[word].add(other)
                if pointer == "\\":
                    for word in known[other][0][of_other - 1 : of_other] or known[other][0]:
                        derived[word].add(key)
    for kind in KINDS:
        for line in open(os.path.join(folder, kind + ".exc"), encoding="utf-8"):
            form, *bases = line.split()
            for word in bases:
                of_kind = {key for key in senses.get(word, ()) if key[0] == kind}
                senses[form] |= of_kind
                derived[form] |= derived.get(word, set()) if of_kind else set()
    words = sorted(word for word in senses if re.fullmatch("[a-z]{2,}", word) and senses[word])
    used = set().union(*(senses[word] | derived[word] for word in words))
    used |= {other for key in used for others in relations[key].values() for other in others}
    met = collections.Counter(key for word in words for key in senses[word] | derived[word])
    ordered = sorted(used, key=lambda key: (-met[key], key))
    number = {key: at for at, key in enumerate(ordered)}
    numbers = lambda keys: " ".join(base36(at) for at in sorted(number[key] for key in keys if key in number))
    relation = lambda key: (numbers(relations[key][kind]) for kind in (ABOVE, OPPOSITE, SIMILAR))
    write(sys.argv[2], "senses.txt", ("|".join(relation(key)).rstrip("|") for key in ordered))
    shared = [len(os.path.commonprefix(pair)) for pair in zip([""] + words, words)]
    coded = (f"{base36(same)}{word[same:]} {numbers(senses[word])}" for same, word in zip(shared, words))
    write(sys.argv[2], "words.txt", coded)
    write(sys.argv[2], "derived.txt", (numbers(derived[word] - senses[word]) for word in words))



if __name__ == "__main__":
    main()
