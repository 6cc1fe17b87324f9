package io.penstock.embedding;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;

/** Reads what the tokenizer's library does not tell from a {@code tokenizer.json} of Hugging Face's tokenizers. */
final class TokenizerFile {
    private TokenizerFile() {}

    /**
     * Whether each word that stands between white space gives the same tokens alone as within a text. It holds for BERT's own
     * tokenizers, which cut at white space first and then look at each word; others may take the blank for a part of the word
     * or look across it.
     */
    static boolean takesWordsByThemselves(byte[] file) {
        JsonNode root;
        try {
            root = new JsonMapper().readTree(file);
        } catch (IOException e) {
            return false; // whether the file can be used at all is for the library to say
        }
        String normalizer = root.path("normalizer").path("type").asText("");
        return root.path("pre_tokenizer").path("type").asText("").equals("BertPreTokenizer")
                && (normalizer.isEmpty() || normalizer.equals("BertNormalizer"))
                && root.path("model").path("type").asText("").equals("WordPiece")
                && root.path("added_tokens").valueStream().noneMatch(TokenizerFile::reachesBeyondAWord);
    }

    private static boolean reachesBeyondAWord(JsonNode addedToken) {
        return addedToken.path("content").asText("").chars().anyMatch(Character::isWhitespace);
    }

    /** The largest token id that it can give; -1 when the file does not say it in one of the usual ways. */
    static long largestId(byte[] file) {
        JsonNode root;
        try {
            root = new JsonMapper().readTree(file);
        } catch (IOException e) {
            return -1; // whether the file can be used at all is for the library to say
        }
        long largest = -1;
        JsonNode vocabulary = root.path("model").path("vocab");
        if (vocabulary.isArray()) {
            largest = vocabulary.size() - 1L; // of a unigram model, whose tokens are numbered by their place
        } else {
            for (JsonNode id : vocabulary) {
                largest = Math.max(largest, id.asLong(-1));
            }
        }
        for (JsonNode token : root.path("added_tokens")) {
            largest = Math.max(largest, token.path("id").asLong(-1));
        }
        return largest;
    }
}
