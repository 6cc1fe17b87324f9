/**
 * Mirrors: optional copies of what the state stores hold, in Pinecone, Redis and MongoDB; never the truth.
 */
@NullMarked
package io.penstock.mirror;

import org.jspecify.annotations.NullMarked;
