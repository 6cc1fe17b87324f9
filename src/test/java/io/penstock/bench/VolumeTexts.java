package io.penstock.bench;

import io.penstock.bench.RealTexts.Document;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Pattern;

/** Any number of texts, made of sentences of the real ones. The same number always gives the same text. */
final class VolumeTexts {
    private static final Pattern SENTENCE_ENDS = Pattern.compile("(?<=[.?!])\\s+");
    private static final int LEAST_CHARACTERS = 40;
    private static final int MOST_CHARACTERS = 300;

    private final List<String> sentences;
    private final int characters;

    /** @param characters of a text, at least */
    VolumeTexts(int characters) throws IOException {
        this.characters = characters;
        this.sentences = RealTexts.mixed().stream()
                .flatMap(text -> SENTENCE_ENDS.splitAsStream(text.text()))
                .map(sentence -> sentence.replaceAll("\\s+", " ").strip())
                .filter(sentence -> sentence.length() >= LEAST_CHARACTERS && sentence.length() <= MOST_CHARACTERS)
                .toList();
    }

    Document text(int number) {
        Random random = new Random(number);
        StringBuilder text = new StringBuilder();
        while (text.length() < characters) {
            text.append(sentences.get(random.nextInt(sentences.size()))).append(' ');
        }
        String item = String.format(Locale.ROOT, "item-%06d", number);
        return new Document(item, "Text " + number, text.toString().strip());
    }
}
