/** Tests of the tables that every instance holds whole. */
@NullMarked
package io.penstock.table;

import org.jspecify.annotations.NullMarked;
