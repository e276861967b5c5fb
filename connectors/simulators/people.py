"""Schools and invented people; a teacher is a surname and 老师, so that nobody real is named."""

import functools
from dataclasses import dataclass

SURNAMES = tuple(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)


@dataclass(frozen=True, slots=True, eq=False)
class School:
    """A school and the GB/T 2260 code of its district; compared by identity, which makes lookups cheap."""

    name: str
    region: str
    district: str
    rural: bool = False


CHONGQING_SCHOOLS = (
    School("谢家湾学校", "500107", "九龙坡区"),
    School("重庆市人民小学校", "500103", "渝中区"),
    School("重庆市巴蜀小学校", "500103", "渝中区"),
    School("重庆市巴蜀中学校", "500103", "渝中区"),
    School("重庆市第一中学校", "500106", "沙坪坝区"),
    School("重庆市南开中学校", "500106", "沙坪坝区"),
    School("重庆市第八中学校", "500106", "沙坪坝区"),
    School("西南大学附属中学校", "500109", "北碚区"),
    School("重庆市育才中学校", "500107", "九龙坡区"),
    School("重庆市万州第一中学校", "500101", "万州区"),
    School("重庆市涪陵实验中学校", "500102", "涪陵区"),
    School("重庆市綦江中学校", "500110", "綦江区"),
    School("重庆市江津职业教育中心", "500116", "江津区"),
    School("重庆市巫溪县中学校", "500238", "巫溪县", rural=True),
    School("重庆市城口县实验小学校", "500229", "城口县", rural=True),
    School("重庆市渝北职业教育中心", "500112", "渝北区"),
    School("重庆市江北区新村幼儿园", "500105", "江北区"),
    School("重庆市奉节县永安小学校", "500236", "奉节县", rural=True),
)
YUZHONG_SCHOOLS = (
    School("重庆市人民小学校", "500103", "渝中区"),
    School("重庆市巴蜀小学校", "500103", "渝中区"),
    School("重庆市巴蜀中学校", "500103", "渝中区"),
    School("重庆市求精中学校", "500103", "渝中区"),
    School("重庆复旦中学", "500103", "渝中区"),
    School("重庆市第二十九中学校", "500103", "渝中区"),
    School("渝中区中华路小学校", "500103", "渝中区"),
    School("渝中区人和街小学校", "500103", "渝中区"),
    School("渝中区大坪小学校", "500103", "渝中区"),
    School("渝中区曾家岩幼儿园", "500103", "渝中区"),
)
WUXI_SCHOOL = School("巫溪县城厢小学", "500238", "巫溪县", rural=True)
ZIBO_SCHOOLS = (
    School("淄博市张店区实验中学", "370303", "张店区"),
    School("淄博市张店区兴学街小学", "370303", "张店区"),
    School("淄博实验中学", "370303", "张店区"),
    School("淄博市周村区实验学校", "370306", "周村区"),
    School("淄博市博山区第一小学", "370304", "博山区"),
    School("淄博市临淄区实验中学", "370305", "临淄区"),
    School("淄博市淄川区实验小学", "370302", "淄川区"),
    School("桓台县第一中学", "370321", "桓台县"),
)
ZIBO_RURAL_SCHOOLS = (
    School("沂源县鲁村中心小学", "370323", "沂源县", rural=True),
    School("沂源县燕崖中学", "370323", "沂源县", rural=True),
    School("高青县常家中学", "370322", "高青县", rural=True),
    School("博山区池上镇中心学校", "370304", "博山区", rural=True),
    School("淄川区太河镇中心小学", "370302", "淄川区", rural=True),
    School("周村区王村镇中心学校", "370306", "周村区", rural=True),
)


STAGE_MARKS = {
    "学前教育": ("幼儿园",),
    "小学": ("小学", "家湾学校", "中心学校", "实验学校"),
    "初中": ("中学", "家湾学校", "中心学校", "实验学校"),
    "普通高中": ("中学",),
    "中职": ("职业",),
}


@functools.cache
def fitting(schools: tuple[School, ...], stage: str) -> tuple[School, ...]:
    """The schools whose names fit a stage; all of them where none does."""
    marks = STAGE_MARKS.get(stage, ())
    return tuple(school for school in schools if any(mark in school.name for mark in marks)) or schools


def teacher(number: int) -> str:
    """The invented teacher of a number: 王老师, 李老师, …"""
    return f"{SURNAMES[number % len(SURNAMES)]}老师"
