"""Names of people in the countries where the company has offices."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import NamedTuple


class Name(NamedTuple):
    """A name in law, and the Latin spelling that colleagues use where it differs."""

    legal: str
    latin: str = ""

    @property
    def used(self) -> str:
        return self.latin or self.legal


@dataclass(frozen=True, slots=True)
class Office:
    """A place of work, with the first and last names that are common there."""

    country: str
    city: str
    time_zone: str
    first: tuple[Name, ...]
    last: tuple[Name, ...]


def _names(text: str) -> tuple[Name, ...]:
    """Names divided by spaces; `_` stands for a space, `=` before the Latin spelling."""
    return tuple(Name(*(part.replace("_", " ") for part in word.split("="))) for word in text.split())


def _office(place: str, first: str, last: str) -> Office:
    country, city, time_zone = place.split("|")
    return Office(country, city, time_zone, _names(first), _names(last))


OFFICES = (
    _office(
        "US|Denver|America/Denver",
        "Olivia Marcus Danielle Trevor Keisha Wyatt Naomi Jared Shawna Curtis Mei-Lin Roberto",
        "Whitfield Okafor-Reed Delgado Hutchins Pruitt Kowalczyk Washington Nakagawa Stanton Null O'Neal Fairbanks",
    ),
    _office(
        "IE|Dublin|Europe/Dublin",
        "Aoife Cillian Niamh Oisín Sorcha Darragh Gráinne Tadhg Róisín Fionn",
        "O'Sullivan Mac_Aodha Ní_Bhriain Fitzgerald O'Dwyer Ó_Ceallaigh Kavanagh D'Arcy McGrath Tierney",
    ),
    _office(
        "DE|Leipzig|Europe/Berlin",
        "Jürgen Käthe Björn Liesel Hans-Peter Sönke Antje Uwe Anne-Sophie Rüdiger",
        "Großmann Schäfer Vogelsang von_der_Heide Müller-Lüdenscheid Özkan Weiß Kühnert Strauß Brandt",
    ),
    _office(
        "FR|Lyon|Europe/Paris",
        "Jean-Baptiste Océane Maëlys Rémi François Noémie Loïc Hélène Anaïs Cédric",
        "Lefèvre d'Estaing Château-Renault Bézier Garçon L'Hôpital Moreau Le_Goff Dubreuil Nguyễn",
    ),
    _office(
        "PL|Wrocław|Europe/Warsaw",
        "Łukasz Żaneta Wojciech Małgorzata Paweł Święcisława Grażyna Krzysztof Jędrzej Bożena",
        "Wiśniewska-Żak Łęcki Dąbrowski Źdźbło Szczepański Kwiatkowska Grzegorczyk Nowak Śliwa Jabłoński",
    ),
    _office(
        "CZ|Brno|Europe/Prague",
        "Jiří Zdeňka Ondřej Šárka Přemysl Růžena Luboš Kateřina Vojtěch Žofie",
        "Dvořáček Křížová Hruška Nováková Řezníček Šťastný Zeman Černá Vlček Kubišta",
    ),
    _office(
        "TR|İzmir|Europe/Istanbul",
        "İbrahim Şule Çağrı Gülşah Oğuz İrem Işıl Umut Yağmur Tuğba",
        "Yıldız Çelikoğlu Işık Şahin Öztürk Güneş Karagöz Aydın İnce Doğan",
    ),
    _office(
        "IN|Pune|Asia/Kolkata",
        "Aarav Lakshmi Venkatesh Priyanka Siddharth Ananya Kavitha Rohan Meenakshi Zubin",
        "Venkataraman Deshmukh Chatterjee Iyer Bhattacharyya Kulkarni Singh Reddy D'Souza Mirza",
    ),
    _office(
        "JP|大阪|Asia/Tokyo",
        "花子=Hanako 健太=Kenta さくら=Sakura 大輔=Daisuke 美咲=Misaki 翔太=Shota 真由美=Mayumi 拓也=Takuya",
        "渡辺=Watanabe 小林=Kobayashi 高橋=Takahashi 佐々木=Sasaki 大野=Ono 長谷川=Hasegawa 井上=Inoue 清水=Shimizu",
    ),
    _office(
        "KR|서울|Asia/Seoul",
        "민준=Min-jun 서연=Seo-yeon 지훈=Ji-hoon 하은=Ha-eun 도윤=Do-yun 수빈=Su-bin 예진=Ye-jin 현우=Hyun-woo",
        "김=Kim 이=Lee 박=Park 최=Choi 정=Jung 황보=Hwangbo 오=Oh 남궁=Namgung",
    ),
    _office(
        "UA|Львів|Europe/Kyiv",
        "Олена=Olena Тарас=Taras Оксана=Oksana Богдан=Bohdan Ярина=Yaryna Андрій=Andrii Соломія=Solomiia Мар'яна=Mariana",
        "Шевчук=Shevchuk Коваленко=Kovalenko Гнатюк=Hnatiuk Лук'яненко=Lukianenko Мельник=Melnyk Щербак=Shcherbak Бойко=Boiko Юрчишин=Yurchyshyn",
    ),
    _office(
        "GR|Αθήνα|Europe/Athens",
        "Ελένη=Eleni Γιώργος=Giorgos Κατερίνα=Katerina Νίκος=Nikos Δέσποινα=Despina Σταύρος=Stavros",
        "Παπαδόπουλος=Papadopoulos Αντωνίου=Antoniou Καραγιάννης=Karagiannis Οικονόμου=Oikonomou Χριστοδουλοπούλου=Christodoulopoulou Λάμπρου=Lamprou",
    ),
    _office(
        "BR|Recife|America/Recife",
        "João Conceição Thaís Antônio Luíza Raí Débora Márcio Inês Caetano",
        "dos_Santos_Araújo Gonçalves Magalhães da_Conceição Simões Brandão Cavalcânti Pêra Leão Assunção",
    ),
)
"""Thirteen countries, five of them with another script."""

UNUSUAL = (
    (Name(""), Name("Suparman")),
    (Name(""), Name("Nurhaliza")),
    (
        Name("Maximiliane Alexandra Ferdinanda Konstantina Eleonore Amalie", "Maxi"),
        Name("Gräfin von Hohenstein-Schwarzenberg zu Weißenfels-Altenbruch", "von Hohenstein"),
    ),
    (Name("Kaleolani Keihanaikukauakahihuliheekahaunaele"), Name("Kahananuiokalani-Makanaokeakua")),
    (Name('Margaret "Peg"'), Name("Castellanos, Jr.")),
    (Name("Yu"), Name("E")),
    (Name("Jean  Luc"), Name("St. John-Smythe")),
)
"""One-name people (the name stands as the last), names too long for Okta's 50 characters, names with quotes and commas."""

_NOT_DECOMPOSED = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "Ł": "L", "đ": "d", "ı": "i", "æ": "ae", "þ": "th", "ð": "d"})


def address_part(text: str) -> str:
    """The part of a name that an e-mail address holds: plain small letters, nothing else."""
    plain = unicodedata.normalize("NFKD", text.translate(_NOT_DECOMPOSED)).casefold()
    return "".join(char for char in plain if char.isascii() and char.isalnum())
