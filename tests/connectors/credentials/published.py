"""Signatures that platforms publish in their documents, as manifests write them, and the gateway's own of SM3."""

from pathlib import Path
from typing import Any

PLATFORMS = (Path(__file__).resolve().parents[3] / "docs" / "platforms.md").read_text("utf-8")

CHONGQING: dict[str, Any] = {
    "kind": "hmac",
    "appKey": "app",
    "secret": "key",
    "vectors": [
        {
            "url": "https://api.cqyunketang.example/openapi/v1/resources?pageNo=1&pageSize=200",
            "timestamp": 1762000000000,
            "nonce": "n-1",
            "secrets": {"app": "demo-shanhai", "key": "demo-9f2c4b7a51e84d0c"},
            "text": "appKey=demo-shanhai&nonce=n-1&pageNo=1&pageSize=200&timestamp=1762000000000",
            "signature": "2094c8f5a328d54b8908073e2bdb62592b1fc7b34b4d9fa3aeb7251fa27f8774",
        }
    ],
}
WECHAT_PAY: dict[str, Any] = {
    "kind": "hmac",
    "secret": "key",
    "algorithm": "md5",
    "mode": "append",
    "secretJoiner": "&key=",
    "case": "upper",
    "parts": ["parameters"],
    "query": {"emptyValues": "drop"},
    "in": "body",
    "names": {"appKey": None, "timestamp": None, "nonce": "nonce_str", "sign": "sign"},
    "nonce": {"style": "alphanumeric", "length": 16},
    "vectors": [
        {
            "method": "POST",
            "url": "https://api.example/pay",
            "headers": {"Content-Type": "application/json"},
            "body": '{"mch_id": 10000100, "appid": "wxd930ea5d5a258f4f", "device_info": "1000", "body": "test", '
            '"attach": null}',
            "nonce": "ibuaiVcKdpRxkhJA",
            "secrets": {"key": "192006250b4c09247ec02edce69f6a2d"},
            "text": "appid=wxd930ea5d5a258f4f&body=test&device_info=1000&mch_id=10000100&nonce_str=ibuaiVcKdpRxkhJA",
            "signature": "9A0A8659F005D6984697E2CA0A9CF3B7",
        }
    ],
}
ALIYUN: dict[str, Any] = {
    "kind": "hmac",
    "appKey": "app",
    "secret": "key",
    "algorithm": "sha1",
    "secretJoiner": "&",
    "encoding": "base64",
    "parts": ["method", "path", "query"],
    "encodeParts": True,
    "joiner": "&",
    "query": {"encoded": True},
    "names": {"appKey": "AccessKeyId", "timestamp": "Timestamp", "nonce": "SignatureNonce", "sign": "Signature"},
    "constants": {"Format": "XML", "SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0"},
    "timestamp": "iso",
    "nonce": {"style": "uuid"},
    "vectors": [
        {
            "url": "http://ecs.aliyuncs.com/?Action=DescribeRegions&Version=2014-05-26",
            "timestamp": "2016-02-23T12:46:24Z",
            "nonce": "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf",
            "secrets": {"app": "testid", "key": "testsecret"},
            "text": "GET&%2F&AccessKeyId%3Dtestid%26Action%3DDescribeRegions%26Format%3DXML"
            "%26SignatureMethod%3DHMAC-SHA1%26SignatureNonce%3D3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf%26SignatureVersion%3D1.0"
            "%26Timestamp%3D2016-02-23T12%253A46%253A24Z%26Version%3D2014-05-26",
            "signature": "OLeaidS1JvxuMvnyHOwuJ+uX5qY=",
        }
    ],
}
TENCENT: dict[str, Any] = {
    "kind": "hmac",
    "appKey": "app",
    "secret": "key",
    "algorithm": "sha1",
    "encoding": "base64",
    "parts": ["method", "host", "path", {"text": "?"}, "query"],
    "joiner": "",
    "names": {"appKey": "SecretId", "timestamp": "Timestamp", "nonce": "Nonce", "sign": "Signature"},
    "timestamp": "seconds",
    "nonce": {"style": "digits", "length": 8},
    "vectors": [
        {
            "url": "https://cvm.tencentcloudapi.com/?Action=DescribeInstances&InstanceIds.0=ins-09dx96dg&Limit=20&Offset=0"
            "&Region=ap-guangzhou&Version=2017-03-12",
            "timestamp": 1465185768,
            "nonce": 11886,
            "secrets": {"app": "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "key": "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"},
            "signature": "EliP9YW3pW28FpsEdkXt/+WcGeI=",
        }
    ],
}
TAOBAO: dict[str, Any] = {
    "kind": "hmac",
    "appKey": "app",
    "secret": "key",
    "algorithm": "md5",
    "mode": "wrap",
    "case": "upper",
    "query": {"assign": "", "joiner": ""},
    "names": {"appKey": "app_key", "timestamp": "timestamp", "nonce": None, "sign": "sign"},
    "constants": {"format": "json", "sign_method": "md5", "v": "2.0"},
    "timestamp": "yyyy-MM-dd HH:mm:ss",
    "vectors": [
        {
            "url": "http://gw.api.taobao.com/router/rest?method=taobao.item.seller.get&session=test"
            "&fields=num_iid,title,nick,price,num&num_iid=11223344",
            "timestamp": "2016-01-01 12:00:00",
            "secrets": {"app": "12345678", "key": "helloworld"},
            "signature": "66987CB115214E59E6EC978214934FB8",
        }
    ],
}
OSS: dict[str, Any] = {
    "kind": "hmac",
    "appKey": "app",
    "secret": "key",
    "algorithm": "sha1",
    "encoding": "base64",
    "in": "header",
    "names": {"appKey": None, "timestamp": "Date", "nonce": None, "sign": "Authorization"},
    "timestamp": "rfc822",
    "prefix": "OSS ",
    "prefixParts": ["appKey", {"text": ":"}],
    "joiner": "",
    "parts": [
        "method",
        {"text": "\n"},
        {"header": "Content-MD5"},
        {"text": "\n"},
        {"header": "Content-Type"},
        {"text": "\n"},
        "timestamp",
        {"text": "\nx-oss-magic:"},
        {"header": "x-oss-magic"},
        {"text": "\nx-oss-meta-author:"},
        {"header": "x-oss-meta-author"},
        {"text": "\n"},
        "path",
    ],
    "vectors": [
        {
            "method": "PUT",
            "url": "https://oss.aliyuncs.com/oss-example/nelson",
            "headers": {
                "Content-Md5": "ODBGOERFMDMzQTczRUY3NUE3NzA5QzdFNUYzMDQxNEM=",
                "Content-Type": "text/html",
                "X-OSS-Meta-Author": "foo@bar.com",
                "X-OSS-Magic": "abracadabra",
            },
            "timestamp": "Thu, 17 Nov 2005 18:49:58 GMT",
            "secrets": {"app": "44CF9590006BF252F707", "key": "OtxrzxIsfpFjA7SwPzILwy8Bw21TLhquhboDYROV"},
            "signature": "26NBxoKdsyly4EDv6inkoDft/yA=",
        }
    ],
}
SM3: dict[str, Any] = {
    "kind": "hmac",
    "secret": "key",
    "algorithm": "sm3",
    "mode": "append",
    "parts": ["body"],
    "names": {"appKey": None, "timestamp": None, "nonce": None, "sign": "sign"},
    "vectors": [
        {
            "method": "POST",
            "url": "https://platform.example/",
            "body": "ab",
            "secrets": {"key": "c"},
            "text": "ab",
            "signature": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
        }
    ],
}
EVERY = {
    "chongqing": CHONGQING,
    "wechat-pay": WECHAT_PAY,
    "aliyun": ALIYUN,
    "tencent": TENCENT,
    "taobao": TAOBAO,
    "oss": OSS,
    "sm3": SM3,
}
