"""The 44 anchor schools of 四川云教 by stage, and the 1,632 weak schools of 阿坝, 甘孜 and 凉山 that receive."""

import functools
from collections.abc import Mapping

from connectors.simulators.people import School

STAGE_CODES: Mapping[str, str] = {
    "学前教育": "KINDERGARTEN",
    "小学": "PRIMARY",
    "初中": "JUNIOR",
    "普通高中": "SENIOR",
}
STAGE_MODES: Mapping[str, str] = {
    "KINDERGARTEN": "OBSERVED",
    "PRIMARY": "EMBEDDED",
    "JUNIOR": "RECORDED",
    "SENIOR": "LIVE",
}
PREFECTURES: Mapping[str, str] = {
    "513200": "阿坝藏族羌族自治州",
    "513300": "甘孜藏族自治州",
    "513400": "凉山彝族自治州",
}

_ANCHORS = """
KINDERGARTEN 510105 青羊区 成都市青羊区实验幼儿园 成都市第三幼儿园
KINDERGARTEN 510106 金牛区 成都市金牛区机关第三幼儿园
KINDERGARTEN 510703 涪城区 绵阳市花园实验幼儿园
KINDERGARTEN 511302 顺庆区 南充市顺庆区实验幼儿园
KINDERGARTEN 511502 翠屏区 宜宾市鲁家园幼儿园
PRIMARY 510104 锦江区 成都市盐道街小学 成都市锦江区外国语小学
PRIMARY 510105 青羊区 成都市实验小学 成都市泡桐树小学 成都市草堂小学
PRIMARY 510106 金牛区 成都市人民北路小学
PRIMARY 510107 武侯区 成都市龙江路小学
PRIMARY 510108 成华区 成都市双林小学
PRIMARY 510116 双流区 成都市双流区实验小学
PRIMARY 510603 旌阳区 德阳市实验小学
PRIMARY 510703 涪城区 绵阳市实验小学
PRIMARY 511302 顺庆区 南充市五星小学
PRIMARY 511502 翠屏区 宜宾市人民路小学
PRIMARY 513401 西昌市 西昌市第一小学
JUNIOR 510104 锦江区 成都市七中育才中学
JUNIOR 510105 青羊区 成都市石室联合中学 成都市树德实验中学
JUNIOR 510106 金牛区 成都市铁路中学
JUNIOR 510107 武侯区 成都市西川中学 成都市棕北中学
JUNIOR 510108 成华区 成都市列五中学
JUNIOR 510603 旌阳区 德阳市第五中学
JUNIOR 510703 涪城区 绵阳市东辰中学
JUNIOR 511302 顺庆区 南充市白塔中学
JUNIOR 511502 翠屏区 宜宾市第二中学
JUNIOR 513401 西昌市 西昌市第二中学
SENIOR 510105 青羊区 成都市石室中学 成都市树德中学
SENIOR 510106 金牛区 成都市第十八中学
SENIOR 510107 武侯区 成都市第七中学 四川大学附属中学
SENIOR 510116 双流区 四川省双流中学
SENIOR 510181 都江堰市 四川省都江堰中学
SENIOR 510603 旌阳区 德阳市第一中学
SENIOR 510703 涪城区 绵阳中学 绵阳南山中学
SENIOR 511302 顺庆区 四川省南充高级中学
SENIOR 511502 翠屏区 四川省宜宾市第一中学
"""
_COUNTIES = """
513201马尔康市 513221汶川县 513222理县 513223茂县 513224松潘县 513225九寨沟县 513226金川县 513227小金县 513228黑水县
513230壤塘县 513231阿坝县 513232若尔盖县 513233红原县 513301康定市 513322泸定县 513323丹巴县 513324九龙县 513325雅江县
513326道孚县 513327炉霍县 513328甘孜县 513329新龙县 513330德格县 513331白玉县 513332石渠县 513333色达县 513334理塘县
513335巴塘县 513336乡城县 513337稻城县 513338得荣县 513401西昌市 513402会理市 513422木里藏族自治县 513423盐源县
513424德昌县 513426会东县 513427宁南县 513428普格县 513429布拖县 513430金阳县 513431昭觉县 513432喜德县 513433冕宁县
513434越西县 513435甘洛县 513436美姑县 513437雷波县
"""
_TOWNS = ("城关镇", "河坝乡", "新民乡", "团结乡", "高山乡", "河口镇", "和平乡", "光明乡")
_TOWN_SCHOOLS = (
    ("幼儿园", "KINDERGARTEN"),
    ("中心小学校", "PRIMARY"),
    ("民族小学", "PRIMARY"),
    ("初级中学", "JUNIOR"),
)
_COUNTY_SCHOOLS = ("中学校", "民族中学")


@functools.cache
def anchors() -> tuple[tuple[str, School], ...]:
    """Stage code and school of each of the 44 anchors; the number of an alliance is its place here."""
    found = []
    for line in _ANCHORS.split("\n"):
        if line:
            stage, region, district, *names = line.split(" ")
            found += [(stage, School(name, region, district)) for name in names]
    return tuple(found)


@functools.cache
def anchors_of(stage: str) -> tuple[School, ...]:
    """The anchor schools of a stage code."""
    return tuple(school for its, school in anchors() if its == stage)


@functools.cache
def anchor_number(school: School) -> int:
    """The number of the alliance that a school anchors."""
    return next(number for number, (_, anchor) in enumerate(anchors()) if anchor is school)


@functools.cache
def receiving() -> tuple[tuple[str, School], ...]:
    """Stage code and school of each receiving school, 34 in each of 48 counties; the names are invented."""
    found: list[tuple[str, School]] = []
    for text in _COUNTIES.split():
        region, county = text[:6], text[6:]
        found += [
            (stage, School(f"{county}{town}{kind}", region, county, rural=True))
            for town in _TOWNS
            for kind, stage in _TOWN_SCHOOLS
        ]
        found += [("SENIOR", School(f"{county}{kind}", region, county, rural=True)) for kind in _COUNTY_SCHOOLS]
    return tuple(found)
