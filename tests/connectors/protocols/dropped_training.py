"""The manifest of 内江's training records in two wordings: over HTTP and out of a folder."""

_HEAD = """\
manifest: 1
version: 1
platform: {code: neijiang, name: 内江市教育云平台, region: "511000", simulated: true}
origin: https://oai.njeducloud.example
credentials: {kind: apiKey, in: header, name: X-Drop-Key, secret: dropKey}
vocabularies:
  kinds:
    values: {混合式培训: COURSE, 跨学科协作: RESEARCH_ACTIVITY, 研修: WORKSHOP, 听课: OBSERVATION, 支教: REMOTE_SUPPORT,
      资源研发: RESOURCE_DEVELOPMENT, 评审: REVIEW, 岗位轮岗: ROTATION}
  forms: {values: {线上线下混合: BLENDED, 混合: BLENDED, 线下: ONSITE, 线上直播: LIVE, 线上点播: ON_DEMAND}}
  roles:
    values: {学员: PARTICIPANT, 主讲: LECTURER, 主持: HOST, 评委: REVIEWER, 研发负责人: LEAD_DEVELOPER,
      技术支持: ASSISTANT}
  levels: {values: {国家: NATIONAL, 市级: CITY, 区级: DISTRICT, 集团: SCHOOL_GROUP, 校本: SCHOOL}}
  units: {values: {学时: HOUR, 场: SESSION, 项: ITEM}}
  outcomes: {values: {合格: PASSED, 不合格: FAILED}}
  states: {values: {申报: REPORTED, 审核: REVIEWED, 认定: RECOGNIZED, 驳回: REJECTED, 撤销: REVOKED}}
harvest: {protocol: oai-pmh, fields: {kind: {constant: LESSON}}}
training:
  protocol: files
"""
_HTTP = "  index: {path: /drop/training/index.json, files: files, url: name, modified: modified}\n"
_FOLDER = "  folder: training/20*\n"
_FIELDS = """\
  format: csv
  encoding: gb18030
  fields:
    nativeId: 记录编号
    teacherId: 教师编号
    title: {path: 活动名称, transform: plainText}
    kind: {path: 活动类型, vocabulary: kinds}
    startsOn: {path: 开始日期, transform: chineseDate}
    endsOn: {path: 结束日期, transform: chineseDate}
    quantity: 数量
    unit: {path: 单位, vocabulary: units}
    level: {path: 级别, vocabulary: levels}
    form: {path: 形式, vocabulary: forms}
    role: {path: 角色, vocabulary: roles}
    outcome: {path: 结果, vocabulary: outcomes}
    state: {path: 状态, vocabulary: states}
    school: {fields: {name: 学校, kind: {constant: SCHOOL}}}
    version: 版本
    updatedAt: {path: 更新时间, transform: localDateTime}
"""
OVER_HTTP, FROM_A_FOLDER = _HEAD + _HTTP + _FIELDS, _HEAD + _FOLDER + _FIELDS
