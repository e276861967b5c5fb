"""What platforms call the fields they send: English, Chinese, pinyin and its initials."""

import re
from collections.abc import Mapping

_LAST = re.compile(r"[^/#]+$")


def folded(name: str) -> str:
    """A key as names are compared: the end of an address, without prefix, separators and case."""
    tail = _LAST.search(name.rstrip("/#")) if "://" in name else None
    bare = (tail[0] if tail else name).lstrip("@").rpartition(":")[2]
    return "".join(letter for letter in bare.lower() if letter.isalnum())


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


COMMON: Mapping[str, tuple[str, ...]] = {
    "version": _words("version rev revision banbenhao bbh 版本号 版本 修订号"),
    "updatedAt": _words(
        "updatedat updatetime updated modifytime modifiedat modified lastmodified lastupdated updatedon "
        "updatedate gmtmodified gmtupdate modifydate datemodified changedat lastmod gxsj xgsj zhxgsj "
        "gengxinshijian stored 更新时间 修改时间 最后更新 最后修改时间 更新日期 修改日期"
    ),
}
RESOURCE: Mapping[str, tuple[str, ...]] = {
    "nativeId": _words(
        "nativeid resid resourceid courseid lessonid id uuid guid cid rid itemid contentid identifier "
        "recordid objectid kcid zyid ziyuanid kechengid bianhao bh kcbh zybh no code key resourceno courseno "
        "编号 资源编号 课程编号 资源id 课程id 标识 序号"
    ),
    "title": _words(
        "title name resname resourcename resourcetitle coursename coursetitle lessonname displayname label bt "
        "biaoti mc mingcheng kcmc zymc ziyuanmingcheng kechengmingcheng activityname subjectname 标题 名称 "
        "资源名称 课程名称 课程名 课题 题目 资源标题 活动名称"
    ),
    "kind": _words(
        "kind restype resourcetype resourcetypecode contenttype type category learningresourcetype "
        "resourcekind coursetype sort genre lx leixing zylx kclx lb leibie fenlei fl 类型 类别 资源类型 "
        "课程类型 分类 资源类别 栏目"
    ),
    "url": _words(
        "url pageurl weburl detailurl resourceurl courseurl playurl link href homepage permalink location "
        "address uri wz wangzhi lianjie lj dz 网址 链接 地址 访问地址 资源链接 播放地址 详情页"
    ),
    "summary": _words(
        "summary intro introduction description desc abstract remark synopsis overview detail content body jj "
        "jianjie kcjj zyjj ms miaoshu neirong nrjj zhaiyao 简介 摘要 描述 内容简介 课程简介 资源简介 说明 "
        "介绍 备注"
    ),
    "language": _words("language lang locale inlanguage yuyan yuzhong yz 语言 语种"),
    "stages": _words(
        "stages stage xueduan xd schoolstage educationlevel educationstage phase period schoollevel level "
        "studystage syxd zxxxd xddm xdmc xueduanmingcheng 学段 适用学段 教育阶段"
    ),
    "grades": _words("grades grade nianji nj zxxnj gradename gradelevel njmc syn synj nianjimingcheng 年级 适用年级"),
    "subjects": _words(
        "subjects subject xueke xk zxxxk discipline disciplines kemu km xkmc subjectname xuekemingcheng "
        "topics departments 学科 科目 所属学科 适用学科"
    ),
    "edition": _words(
        "edition jiaocai textbookversion textbookedition bookversion zxxbb jc jcbb banben bb press "
        "materialversion textbook jiaocaibanben 教材版本 教材 版本 出版社"
    ),
    "volume": _words("volume ceci zxxcc cc ceb cebie cb semester book fascicle 册次 册别 分册 册"),
    "schoolYear": _words("schoolyear academicyear xuenian xn xnd 学年"),
    "keywords": _words("keywords keyword tags tag labels gjc gjz guanjianci biaoqian bq 关键词 关键字 标签"),
    "teachingModes": _words(
        "teachingmodes teachingmode livemode modes mode teachmode skms jxms jiaoxuemoshi 授课模式 教学模式 授课方式"
    ),
    "classroomKind": _words("classroomkind classroomtype classroom ktlx ketangleixing sgkt 课堂类型 三个课堂"),
    "delivery": _words("delivery channels channel platforms terminal qudao 渠道 传播渠道 终端"),
    "region": _words(
        "region regioncode districtcode areacode area adcode citycode xzqh xzqhdm quhua qhdm ssqx "
        "xingzhengquhua district countycode 行政区划 区划代码 行政区划代码 地区 地区代码 区县 所属区县"
    ),
    "audienceRegions": _words(
        "audienceregions audienceregion beneficiaryregions receivers receiverregions receiveregions "
        "targetregions servicearea 受众地区 受益地区 接收地区"
    ),
    "publishedAt": _words(
        "publishedat publishtime published pubdate publishdate publishedon onlinetime releasetime createtime "
        "createdat created createdate createdon gmtcreate datepublished issued date adddate addtime "
        "uploadtime fbsj cjsj fabushijian chuangjianshijian fbrq scsj 发布时间 发布日期 创建时间 上线时间 "
        "上传时间 上传日期 创建日期 日期"
    ),
    "startsAt": _words(
        "startsat starttime begintime startdate startat begindate livestart livestarttime kssj kaishishijian "
        "kbsj 开始时间 开播时间 直播时间 开课时间"
    ),
    "endsAt": _words("endsat endtime enddate endat finishtime liveend liveendtime jssj jieshushijian 结束时间"),
    "durationSeconds": _words(
        "durationseconds duration length playtime runtime videolength seconds minutes timelength shichang sc "
        "spsc 时长 视频时长 播放时长 课时长度"
    ),
    "thumbnailUrl": _words(
        "thumbnailurl thumbnail cover coverurl coverimage image imageurl img pic picture poster preview icon "
        "featureimagesrc thumbnails fm fengmian fmt fmdz suoluetu 封面 封面图 缩略图 图片"
    ),
    "access": _words(
        "access tier visibility accesslevel scope openscope permission openlevel publicscope qx quanxian kjfw "
        "gkfw 权限 公开范围 可见范围 开放范围 访问权限"
    ),
    "license": _words("license licence licenseurl rights rightsuri xuke xkxy 许可 许可协议 授权协议 版权协议"),
    "copyrightHolder": _words(
        "copyrightholder copyright copyrightowner bqr banquanren bqs 版权 版权人 版权方 著作权人"
    ),
    "useCount": _words(
        "usecount viewcount views viewers playcount plays hits clicks clickcount readcount pv visits "
        "visitcount playnum viewnum lll djl bfl gks liulanliang bofangliang 浏览量 播放量 点击量 观看次数 "
        "浏览次数 播放次数 访问量 使用次数"
    ),
    "updatedAt": COMMON["updatedAt"],
}
TRAINING: Mapping[str, tuple[str, ...]] = {
    "nativeId": _words("nativeid recordid id uuid trainingid jlbh jluid bianhao bh 记录编号 编号 培训记录编号 序号"),
    "teacherId": _words(
        "teacherid accountname teacherno teachercode userid personid staffid jsbh jsid jiaoshibianhao gh "
        "gonghao 教师编号 教师号 工号 学员编号 人员编号"
    ),
    "teacherName": _words("teachername jsxm jiaoshixingming 教师姓名 姓名"),
    "title": _words(
        "title activityname definitionname trainingname coursename projectname name hdmc pxmc xmmc mc "
        "mingcheng huodongmingcheng 活动名称 培训名称 项目名称 名称 课程名称"
    ),
    "kind": _words(
        "kind activitytype activitykind trainingtype type category leibie lx lb pxlx hdlx leixing 活动类型 "
        "培训类型 培训类别 类别 类型"
    ),
    "startsOn": _words(
        "startson starttime startsat startdate begintime begindate date timestamp ksrq kssj rq 开始日期 "
        "开始时间 培训日期 日期"
    ),
    "endsOn": _words("endson endtime endsat enddate finishtime jsrq jssj 结束日期 结束时间"),
    "quantity": _words("quantity amount hours credits number count shuliang sl xs xueshi xf 数量 学时 学分 学时数"),
    "unit": _words("unit danwei dw quantityunit 单位 计量单位"),
    "level": _words("level activitylevel jibie jb pxjb grade 级别 培训级别 层级"),
    "form": _words("form mode method xingshi xs pxxs fangshi 形式 培训形式 方式 培训方式"),
    "role": _words("role juese js shenfen 角色 身份 参与角色"),
    "outcome": _words("outcome result jieguo jg kaohejieguo 结果 考核结果 成绩"),
    "state": _words("state status zhuangtai zt shzt 状态 审核状态 认定状态"),
    "activityId": _words("activityid activityno activitycode projectid hdbh hdid 活动编号 项目编号"),
    "tier": _words("tier ladder cengci 梯队 层次 培养层次"),
    **COMMON,
}
USAGE: Mapping[str, tuple[str, ...]] = {
    "day": _words("day date statdate statday rq tjrq riqi 日期 统计日期"),
    "revision": _words("revision rev version 版本 修订号"),
    "region": RESOURCE["region"],
    "stage": RESOURCE["stages"],
    "subject": RESOURCE["subjects"],
    "kind": RESOURCE["kind"],
    "resource": _words("resource resourceid resid courseid zyid 资源编号 课程编号"),
}
MEASURES: Mapping[str, tuple[str, ...]] = {
    "views": _words("views pv viewcount visits hits lll 浏览量 浏览 访问量 浏览次数"),
    "views_total": _words("viewstotal totalpv totalviews pvtotal ljlll 累计浏览量 累计浏览 累计访问量"),
    "plays": _words("plays playcount watchtimes watchcount bfl gkcs 播放量 观看次数 播放次数"),
    "plays_total": _words("playstotal totalplays watchtimestotal ljbfl 累计播放量 累计观看次数"),
    "watch_minutes": _words("watchminutes playminutes gksc 观看时长 观看分钟数"),
    "live_viewers": _words("liveviewers livewatchtimes liveviews zbgk 直播观看 直播观看人次"),
    "live_viewers_peak": _words("liveviewerspeak livepeak maxonline peak zbfz 直播峰值 最高在线"),
    "active_teachers": _words("activeteachers teachercount hyjs 活跃教师 活跃教师数"),
    "active_students": _words("activestudents studentcount hyxs 活跃学生 活跃学生数"),
    "active_users": _words("activeusers dau uv usercount hyyh 活跃用户 活跃用户数"),
    "research_sessions": _words("researchsessions researchcount jycs 教研活动 教研场次"),
    "training_sessions": _words("trainingsessions trainingcount pxcs 培训场次"),
    "live_lessons": _words("livelessons livecount zbk 直播课 直播课节数"),
    "new_resources": _words("newresources newcount xzzy 新增资源 新增资源数"),
    "resources_online": _words("resourcesonline resourcecount totalresources zyzs 在线资源 资源总数"),
    "downloads": _words("downloads downloadcount xzl 下载量 下载次数"),
    "comments": _words("comments commentcount pls 评论数"),
    "receiving_schools": _words("receivingschools receiverschools jsxx 接收学校"),
    "anchor_schools": _words("anchorschools zbxx 主播学校"),
    "schools_covered": _words("schoolscovered schoolcount fgxx 覆盖学校 覆盖学校数"),
    "live_attendance_avg": _words("liveattendanceavg avgattendance averageattendance 场均观看 场均人次"),
    "completion_rate": _words("completionrate finishrate wbl 完成率 完播率"),
}
PEOPLE = _words(
    "contributors team teachers teacher lecturer lecturers speaker speakers author authors instructors "
    "instructor creator people presenters zjr zhujiangren zjjs zhujiangjiaoshi jiaoshi jsxm 主讲人 "
    "主讲教师 主讲 授课教师 教师 作者 老师 教师姓名 任课教师"
)
ORGANIZATIONS = _words(
    "provider baseschool anchorschool providers providerlist school organization organisation org "
    "publisher schoolname provide dwmc danweimingcheng xx xuexiao xxmc xuexiaomingcheng 学校 单位 "
    "学校名称 提供单位 来源单位 所属学校 发布单位 开课学校"
)
FILES = _words(
    "files file attachments attachment assets asset materials tiitems media downloads resources "
    "enclosures fj fujian wj wenjian 附件 文件 资源文件"
)
AWARDS = _words("awards award honors honours labels prizes hjqk rongyu ry 荣誉 获奖 奖项")
RELATED = _words("related relations relation links references parts guanlian 关联 关联资源 相关资源")
REVIEW = _words("review audit shenhe pingshen 评审 审核")
PERSON_NAME = _words("name xm xingming realname fullname teachername username jsxm 姓名 教师姓名")
ROLE = _words("role juese js position duty type 角色 职责 身份")
PLACE_NAME = _words("name schoolname mc mingcheng title orgname xxmc 名称 学校名称 单位名称")
SCHOOL = _words(
    "school organization organisation org schoolname unit workunit department xx xxmc xuexiao danwei 学校 "
    "单位 学校名称 工作单位"
)
FILE_URL = _words("url href fileurl downloadurl link path src location tistorages storage address 地址 下载地址 链接")
FILE_TYPE = _words("mediatype mimetype contenttype mime format tiformat filetype type ext suffix 类型 格式 文件类型")
FILE_NAME = _words("filename name title originalname 文件名 名称")
FILE_SIZE = _words("sizebytes size filesize bytes length tisize contentlength 大小 文件大小")
CHECKSUM = _words("checksum md5 sha1 sha256 hash timd5 digest 校验码")
LOGIN = _words("requireslogin needlogin loginrequired needauth 需要登录 是否登录")
DELETED = _words(
    "deletedat deletetime deleted isdeleted isdelete removed isremoved delflag deleteflag scbz sfsc "
    "shifoushanchu 删除标志 是否删除 已删除 删除时间"
)
STATUS = _words("status state publishstatus resstatus zt zhuangtai 状态 发布状态 资源状态")
GONE = frozenset(
    _words(
        "offline withdrawn deleted removed unpublished archived disabled invalid hidden 下线 已下线 已删除 "
        "删除 下架 已下架 撤回 已撤回 停用"
    )
)
TOTAL = _words(
    "total totalcount totalelements totalrecords totalitems totalnum totalsize totalhits recordcount "
    "recordstotal itemcount allcount zs zongshu count 总数 总条数"
)
PAGE = _words(
    "pageno pagenum pagenumber pageindex page currentpage current curpage index pn number ym yema dqy 页码 当前页"
)
SIZE = _words("pagesize perpage size limit pagelimit rows itemsperpage numofrows ps mys 每页条数")
PAGES = _words("pages totalpages pagecount lastpage totalpage pagetotal zys 总页数")
OFFSET = _words("offset start skip from startindex 起始")
TOKEN = _words(
    "nextcursor cursor nexttoken nextpagetoken pagetoken continuationtoken scrollid endcursor marker "
    "resumptiontoken searchafter"
)
NEXT = _words("next nexturl nextpage nextpageurl nextlink nexthref odatanextlink more nexturi")
MORE = _words("hasmore hasnext hasnextpage more")
SINCE = _words(
    "updatedsince updatedafter modifiedsince modifiedafter since updatedfrom lastmodified starttime "
    "updatetime updatedat begintime from fromdate startdate changedsince gxsj"
)
