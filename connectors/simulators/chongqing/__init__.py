"""重庆云课堂: signed GET, page and size, an envelope with errors under HTTP 200."""
