package io.penstock.enrich;

import com.optimaize.langdetect.DetectedLanguage;
import com.optimaize.langdetect.LanguageDetectorBuilder;
import com.optimaize.langdetect.ngram.NgramExtractors;
import com.optimaize.langdetect.profiles.LanguageProfileReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Tells the language of a text by its character sequences. Loads its 71 language profiles once, when it is made, which takes
 * some hundred milliseconds; may be used from any thread.
 */
public final class LanguageDetector {
    /** No language could be told. */
    public static final String UNDETERMINED = "und";

    private static final int MIN_LETTERS = 40;
    private static final int MAX_CHARACTERS = 10_000;
    private static final int MIN_KANA = 10;
    private static final double CERTAIN = 0.9;

    private final com.optimaize.langdetect.LanguageDetector detector;

    public LanguageDetector() {
        try {
            detector = LanguageDetectorBuilder.create(NgramExtractors.standard())
                    .withProfiles(new LanguageProfileReader().readAllBuiltIn())
                    .seed(1L) // the library samples; the same text is to have the same language after a restart
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException("The language profiles cannot be read from the class path.", e);
        }
    }

    /** ISO 639-1 code of the language, or {@code und} for texts that are short, mixed or in no known language. */
    public String detect(String text) {
        String start = text.length() > MAX_CHARACTERS ? text.substring(0, MAX_CHARACTERS) : text;
        if (start.codePoints().filter(Character::isLetter).count() < MIN_LETTERS) {
            return UNDETERMINED;
        }
        if (start.codePoints().filter(LanguageDetector::isKana).count() >= MIN_KANA) {
            return "ja"; // the profiles take Japanese with many Chinese characters for Chinese
        }
        List<DetectedLanguage> languages = detector.getProbabilities(start);
        return languages.isEmpty() || languages.getFirst().getProbability() < CERTAIN
                ? UNDETERMINED
                : languages.getFirst().getLocale().getLanguage();
    }

    private static boolean isKana(int c) {
        Character.UnicodeScript script = Character.UnicodeScript.of(c);
        return script == Character.UnicodeScript.HIRAGANA || script == Character.UnicodeScript.KATAKANA;
    }
}
