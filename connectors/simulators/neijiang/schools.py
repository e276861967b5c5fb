"""Schools of 内江 by the GB/T 2260 code of their district."""

from connectors.simulators.people import School

NEIJIANG_SCHOOLS = (
    School("内江市第六中学", "511002", "市中区"),
    School("内江市第二中学", "511002", "市中区"),
    School("内江市第一中学", "511011", "东兴区"),
    School("威远中学校", "511024", "威远县"),
    School("资中县第二中学", "511025", "资中县"),
    School("隆昌市第一中学", "511083", "隆昌市"),
    School("内江市实验小学校", "511002", "市中区"),
    School("内江市东兴区实验小学校", "511011", "东兴区"),
    School("威远县严陵镇小学校", "511024", "威远县"),
    School("资中县水南镇小学校", "511025", "资中县"),
    School("内江市东兴区田家镇中心学校", "511011", "东兴区", rural=True),
    School("隆昌市界市镇中心学校", "511083", "隆昌市", rural=True),
    School("威远县职业技术学校", "511024", "威远县"),
    School("内江市市中区机关幼儿园", "511002", "市中区"),
)
