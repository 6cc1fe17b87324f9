package io.penstock.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.enrich.QualityRules.Refusal;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class QualityRulesTest {
    private static final String PROSE = "The Committee decided today to keep its target for the federal funds rate.";
    private final QualityRules rules = QualityRules.DEFAULT;

    @Test
    void shouldAcceptProseAndMeasureIt() {
        QualityRules.Verdict verdict = rules.judge(ExtractedText.of(null, PROSE));

        assertThat(verdict.refusal()).isEmpty();
        assertThat(verdict.quality().getLetters()).isEqualTo(61);
        assertThat(verdict.quality().getReadable()).isEqualTo(1.0);
    }

    @Test
    void shouldAcceptOtherScripts() {
        assertThat(refusal("ФРС приняла решение сохранить целевой диапазон ставки по федеральным фондам. 😀"))
                .isEqualTo("accepted");
        assertThat(refusal("संघीय खुला बाज़ार समिति ने आज ब्याज दर को अपरिवर्तित रखने का निर्णय लिया है और कारण बताए"))
                .isEqualTo("accepted");
    }

    @Test
    void shouldRefuseEmptyTexts() {
        assertThat(refusal("")).isEqualTo("quality.empty");
        assertThat(refusal(" \n\t\u0000")).isEqualTo("quality.empty");
    }

    @Test
    void shouldRefuseTextsWithTooFewLetters() {
        assertThat(refusal("a".repeat(39) + " 1234567890 1234567890")).isEqualTo("quality.short");
        assertThat(refusal("a".repeat(40))).isEqualTo("accepted");
        assertThat(new QualityRules(5).judge(ExtractedText.of(null, "abcde")).refusal())
                .isEmpty();
    }

    @Test
    void shouldRefuseBytesThatAreNoText() {
        byte[] noise = new byte[20_000];
        new Random(7).nextBytes(noise);
        ExtractedText extracted = ExtractedText.of(null, Charsets.decode(noise, Optional.empty()));

        assertThat(rules.judge(extracted).refusal())
                .map(refusal -> refusal.code().code())
                .contains("quality.unreadable");
    }

    @Test
    void shouldRefuseTextsFullOfReplacementCharacters() {
        assertThat(refusal(PROSE + "\uFFFD".repeat(3))).isEqualTo("quality.unreadable");
    }

    private String refusal(String text) {
        return rules.judge(ExtractedText.of(null, text))
                .refusal()
                .map(Refusal::code)
                .map(code -> code.code())
                .orElse("accepted");
    }
}
