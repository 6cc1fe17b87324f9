/** Tests of the folding of runs. */
@NullMarked
package io.penstock.run;

import org.jspecify.annotations.NullMarked;
