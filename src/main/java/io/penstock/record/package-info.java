/** Identity of records: what names a captured item, its chunks and its lanes. */
@NullMarked
package io.penstock.record;

import org.jspecify.annotations.NullMarked;
