/** Interactive queries: what the state stores hold, as JSON. */
@NullMarked
package io.penstock.query;

import org.jspecify.annotations.NullMarked;
