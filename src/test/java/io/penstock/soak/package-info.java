/** What must survive kills, proved with programs in processes of their own: the durable stage under either guarantee. */
@NullMarked
package io.penstock.soak;

import org.jspecify.annotations.NullMarked;
