#!/usr/bin/env python3
"""Collects how other languages write names of places, to learn the letter costs of Tier 1's channel from, and prints pairs of an
English name and another spelling of it, one a line with a tab between them.

  pip install anyascii babel pypinyin
  apt-get download iso-codes kgeography kgeography-data kstars-data libgweather-4-common && dpkg -x each of them ROOT
  spellings.py ROOT > spellings.tsv

The names are those of weather stations (libgweather), of parts of countries (KGeography, ISO 3166-2), of cities (KStars, the time zones of
CLDR) and of countries (ISO 3166-1, CLDR), as far as a translation is in Latin, Cyrillic, Greek, Georgian or Armenian letters. Chinese names
come in Wade and Giles's romanisation too: those of weather stations, and of 3000 phrases of pypinyin's.
"""

import gettext
import glob
import itertools
import random
import re
import sys
import unicodedata

from babel import Locale, localedata
from pypinyin import Style, lazy_pinyin
from pypinyin.phrases_dict import phrases_dict

SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "GEORGIAN", "ARMENIAN")


def is_readable(text):
    return all(unicodedata.name(c, "").startswith(SCRIPTS) for c in text if c.isalpha())


def catalogue(root, domain, keep):
    for path in sorted(glob.glob(f"{root}/usr/share/locale/*/LC_MESSAGES/{domain}.mo")):
        with open(path, "rb") as file:
            translations = gettext.GNUTranslations(file)._catalog
        for key, text in translations.items():
            if isinstance(key, str) and text:
                context, _, name = key.rpartition("\x04")
                if keep(context, name):
                    yield name, text


def locales():
    english = Locale("en")
    for identifier in localedata.locale_identifiers():
        if "_" in identifier and not re.fullmatch(r"[a-z]+_(Latn|Cyrl)", identifier):
            continue
        locale = Locale.parse(identifier)
        for code, text in locale.territories.items():
            if code in english.territories:
                yield english.territories[code], text
        for zone, names in locale.time_zones.items():
            if "city" in names:
                own = english.time_zones.get(zone, {}).get("city")
                yield own or zone.split("/")[-1].replace("_", " "), names["city"]


def wade_giles(text):
    pinyin = "".join(lazy_pinyin(text))
    syllables = [syllable.replace("'", "") for syllable in lazy_pinyin(text, style=Style.WADEGILES)]
    yield pinyin, "-".join(syllables)
    yield pinyin, "".join(syllables)


def chinese(root):
    stations = catalogue(root, "libgweather-4.0-locations", lambda *_: True)
    han = {text for _, text in stations if all("\u4e00" <= c <= "\u9fff" for c in text)}
    phrases = [phrase for phrase in sorted(phrases_dict) if len(phrase) in (2, 3)]
    for text in sorted(han) + random.Random(7).sample(phrases, 3000):
        yield from wade_giles(text)


def anything(*_):
    return True


def of_a_place(context, _):
    return re.match(r"City in|Region/state|Country name", context)


def few_words(_, name):
    return len(name.split()) <= 3 and name[:1].isupper()


def main(root):
    sources = itertools.chain(
        catalogue(root, "libgweather-4.0-locations", anything),
        catalogue(root, "iso_3166-1", anything),
        catalogue(root, "iso_3166-2", anything),
        catalogue(root, "kstars", of_a_place),
        catalogue(root, "kgeography", few_words),
        locales(),
        chinese(root),
    )
    pairs = {}
    for name, text in sources:
        if "," in name or ";" in text or not (is_readable(name) and is_readable(text)):
            continue
        name, text = (" ".join(re.sub(r"\(.*?\)", "", part).split()) for part in (name, text))
        if 3 <= len(name) <= 40 and 2 <= len(text) <= 46 and name != text:
            pairs[name, text] = None
    for pair in pairs:
        print(*pair, sep="\t")


main(sys.argv[1])
