"""渝中区数字教育云平台: OAuth 2 client credentials, cursor paging by `Link`, ids per app."""
