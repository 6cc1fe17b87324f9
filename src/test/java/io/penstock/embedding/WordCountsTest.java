package io.penstock.embedding;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WordCountsTest {
    private static final String BUNDLED = "/all-minilm-l6-v2-q-tokenizer.json";

    private final OnnxEmbedder embedder = TestEmbedder.shared();
    private final List<String> asked = new ArrayList<>();
    private final WordCounts counts = new WordCounts(text -> {
        asked.add(text);
        return 2 + text.length();
    });

    @Test
    void shouldCountAsManyTokensAsTheTokenizerCountsInTheWhole() throws Exception {
        try (HuggingFaceTokenizer whole = bundled()) {
            for (String text : List.of(
                    "",
                    " \n\t\r ",
                    "The Committee lowered its target for the federal funds rate by 1/2 percentage point.",
                    "  leading,\u00a0no-break and\u2009thin blanks;\u3000wide ones\u2028and lines ",
                    "naïve Ångström A\u0308rger e\u0301 \u0301 alone \u0301\u0302 ΌΣΟΣ İstanbul ﬁne",
                    "[CLS]inside [SEP] a[MASK]b [PAD][UNK] [cls]",
                    "日本語の文章 und 한국어 text 中文,字",
                    "\u0000 control\u200bs\u00ad \ufffd \ufeff kept\u0007apart",
                    "https://example.org/a_b?c=d&e=%20#f 3.14159 10,000 $5 €6 don't",
                    "pneumonoultramicroscopicsilicovolcanoconiosis ".repeat(2) + "x".repeat(150) + " y",
                    "😀 smile \ud83d\ude00\u200d emoji 👩‍👩‍👧")) {
                assertThat(embedder.countTokens(text)).as(text).isEqualTo(tokens(whole, text));
            }
        }
    }

    @Test
    void shouldCountAsManyTokensAsTheTokenizerWhateverTheTextHolds() throws Exception {
        Random random = new Random(7);
        int[] letters = ("aeZß é\u0301\u00a0\n.,-[]CLSEP#'中 가\u200b\u0000\ufffd " + "😀")
                .codePoints()
                .toArray();
        try (HuggingFaceTokenizer whole = bundled()) {
            for (int i = 0; i < 2_000; i++) {
                StringBuilder text = new StringBuilder();
                random.ints(random.nextInt(40), 0, letters.length).forEach(at -> text.appendCodePoint(letters[at]));
                assertThat(embedder.countTokens(text.toString()))
                        .as("text %d: %s", i, text)
                        .isEqualTo(tokens(whole, text.toString()));
            }
        }
    }

    @Test
    void shouldAskTheTokenizerOnceForAWordThatComesAgain() {
        assertThat(counts.count("rate of the rate")).isEqualTo(2 + 4 + 2 + 3 + 4);
        assertThat(counts.count("the rate")).isEqualTo(2 + 3 + 4);

        assertThat(asked).containsExactly("", "rate", "of", "the");
    }

    @Test
    void shouldNotRememberWhatIsLongerThanAWord() {
        String longer = "x".repeat(WordCounts.LONGEST_WORD + 1);

        assertThat(counts.count(longer + " " + longer)).isEqualTo(2 + 2 * longer.length());
        assertThat(counts.remembered()).isZero();
    }

    @Test
    void shouldNeverRememberMoreThanItMay() {
        for (int i = 0; i < 3 * WordCounts.MOST_WORDS; i++) {
            counts.count("word" + i);
            assertThat(counts.remembered()).isBetween(1, WordCounts.MOST_WORDS);
        }
    }

    @Test
    void shouldTakeWordsByThemselvesOnlyWhereTheTokenizerDoes() {
        String bert = "{\"normalizer\":{\"type\":\"BertNormalizer\"},\"pre_tokenizer\":{\"type\":\"BertPreTokenizer\"},"
                + "\"model\":{\"type\":\"WordPiece\"},\"added_tokens\":[{\"content\":\"[CLS]\"}]}";

        assertThat(takesWordsByThemselves(bert)).isTrue();
        assertThat(takesWordsByThemselves(bert.replace("BertPreTokenizer", "ByteLevel")))
                .isFalse();
        assertThat(takesWordsByThemselves(bert.replace("BertNormalizer", "Prepend")))
                .isFalse();
        assertThat(takesWordsByThemselves(bert.replace("WordPiece", "Unigram"))).isFalse();
        assertThat(takesWordsByThemselves(bert.replace("[CLS]", "two words"))).isFalse();
        assertThat(takesWordsByThemselves(TinyOnnx.tokenizer("unknown"))).isFalse();
        assertThat(takesWordsByThemselves("no JSON")).isFalse();
    }

    private static boolean takesWordsByThemselves(String file) {
        return TokenizerFile.takesWordsByThemselves(file.getBytes(UTF_8));
    }

    private static int tokens(HuggingFaceTokenizer tokenizer, String text) {
        return tokenizer.encode(text, true, false).getIds().length;
    }

    private static HuggingFaceTokenizer bundled() throws Exception {
        try (InputStream file = Objects.requireNonNull(WordCountsTest.class.getResourceAsStream(BUNDLED))) {
            return HuggingFaceTokenizer.newInstance(file, Map.of("padding", "false", "truncation", "false"));
        }
    }
}
