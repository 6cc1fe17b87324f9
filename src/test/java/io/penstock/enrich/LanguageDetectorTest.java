package io.penstock.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LanguageDetectorTest {
    private static final String ENGLISH =
            "The river rose two metres overnight, and the lower meadows were under water.";
    private static final String GERMAN =
            "Der Fluss stieg über Nacht um zwei Meter, und die unteren Wiesen standen unter Wasser.";
    private static final LanguageDetector DETECTOR = new LanguageDetector();

    @Test
    void shouldTellLanguages() {
        assertThat(DETECTOR.detect(ENGLISH)).isEqualTo("en");
        assertThat(DETECTOR.detect(GERMAN)).isEqualTo("de");
        assertThat(DETECTOR.detect(
                        "La rivière est montée de deux mètres pendant la nuit et les prés étaient sous l'eau."))
                .isEqualTo("fr");
        assertThat(DETECTOR.detect("夜の間に川の水位が二メートル上がり、低い牧草地は水に沈んでしまいました。村の人々は朝早く橋のところに集まりました。"))
                .isEqualTo("ja");
        assertThat(DETECTOR.detect("一夜之间河水上涨了两米，低处的草地都被水淹没了。村里的人们一大早就聚集在桥边，看着水流把树枝冲向下游的方向。"))
                .isEqualTo("zh");
    }

    @Test
    void shouldNotGuessFromShortTexts() {
        assertThat(DETECTOR.detect("")).isEqualTo("und");
        assertThat(DETECTOR.detect("Just a few words")).isEqualTo("und");
        assertThat(DETECTOR.detect("1234567890 ".repeat(50))).isEqualTo("und");
    }

    @Test
    void shouldSayTheSameFromManyThreads() {
        List<String> languages = IntStream.range(0, 200)
                .parallel()
                .mapToObj(i -> DETECTOR.detect(i % 2 == 0 ? ENGLISH : GERMAN))
                .distinct()
                .sorted()
                .toList();

        assertThat(languages).containsExactly("de", "en");
    }
}
