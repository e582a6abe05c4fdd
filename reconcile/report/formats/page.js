"use strict";
(() => {
{% include "page_rows.js" %}
{% include "page_filters.js" %}
{% include "page_table.js" %}
{% include "page_decisions.js" %}
{% include "page_start.js" %}
})();
