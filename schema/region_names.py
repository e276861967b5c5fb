"""Names of regions as people write them: with or without 省, 市, 区, 县, one below the other."""

import re

_ENDINGS = re.compile("(?:特别行政区|自治区|自治州|自治县|自治旗|地区|林区|新区|矿区|省|市|区|县|旗|盟)$")
_PEOPLES = (
    "蒙古|柯尔克孜|哈萨克|达斡尔|俄罗斯|鄂温克|鄂伦春|塔吉克|布依|朝鲜|土家|哈尼|傈僳|拉祜|东乡|纳西|景颇|仫佬"
    "|布朗|撒拉|毛南|仡佬|锡伯|保安|裕固|独龙|回|藏|苗|彝|壮|满|侗|瑶|白|傣|黎|佤|畲|水|土|羌|怒|各"
)
_PEOPLE_ENDINGS = re.compile(f"(?:(?:{_PEOPLES})族|维吾尔)+$")


def short_name(name: str) -> str:
    """渝中 for 渝中区, 凉山 for 凉山彝族自治州; names that would shrink to one character stay whole."""
    bare = _ENDINGS.sub("", name)
    if bare != name and "自治" in name:
        bare = _PEOPLE_ENDINGS.sub("", bare) or bare
    return bare if len(bare) > 1 else name


def spellings(name: str) -> frozenset[str]:
    """Every way a region is commonly written: 凉山彝族自治州, 凉山州 and 凉山."""
    short = short_name(name)
    colloquial = {short + name[-1]} if "自治" in name and name[-1] in "州县旗" else set()
    return frozenset({name, short} | colloquial)


def tidy_name(text: str) -> str:
    """A region as typed, without white space and the dashes, dots, slashes and arrows between its levels."""
    return re.sub(r"[\s·•・/\\>→,，、_-]+", "", text)
