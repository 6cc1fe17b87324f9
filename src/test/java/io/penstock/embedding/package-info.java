/** Tests of the embedder with its real model, and the embedder that other tests share. */
@NullMarked
package io.penstock.embedding;

import org.jspecify.annotations.NullMarked;
