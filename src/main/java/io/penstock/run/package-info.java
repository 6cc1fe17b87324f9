/** Runs: what an alert set off, folded from events that may come twice and in any order. */
@NullMarked
package io.penstock.run;

import org.jspecify.annotations.NullMarked;
