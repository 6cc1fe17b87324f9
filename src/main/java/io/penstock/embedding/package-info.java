/**
 * Sentence embeddings by ONNX Runtime, and the tokenizer that goes with the model.
 */
@NullMarked
package io.penstock.embedding;

import org.jspecify.annotations.NullMarked;
