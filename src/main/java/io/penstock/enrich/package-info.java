/** Enrichment: text out of what was captured, quality rules, language, labels, analysis, and what is unchanged. */
@NullMarked
package io.penstock.enrich;

import org.jspecify.annotations.NullMarked;
