/** What {@code ./penstock bench} runs: programs that measure the packaged application, beside an alternative where there is one. */
@NullMarked
package io.penstock.bench;

import org.jspecify.annotations.NullMarked;
