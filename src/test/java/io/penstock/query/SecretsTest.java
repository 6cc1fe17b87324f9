package io.penstock.query;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"topic\":\"a\",\"api_key\":\"s3cr3t\"}|{\"topic\":\"a\",\"api_key\":\"***\"}",
                "{\"api_key\": \"s3cr3t|{\"api_key\": \"***",
                "{\"X-API-Key\":\"s3cr3t\"}|{\"X-API-Key\":\"***\"}",
                "https://host/a?api_key=s3cr3t&x=1|https://host/a?api_key=***&x=1",
                "https://user:s3cr3t@host/a|https://user:***@host/a",
                "Authorization: Bearer s3cr3t|Authorization: ***",
                "password=s3cr3t|password=***",
                "The field 'topic' is missing.|The field 'topic' is missing.",
                "https://host:8080/a@b?q=1|https://host:8080/a@b?q=1",
            })
    void shouldHideWhatNamesItselfASecret(String text, String hidden) {
        assertThat(Secrets.hide(text)).isEqualTo(hidden);
    }

    @Test
    void shouldHideFieldsWhollyAndSecretsWithinOthers() throws Exception {
        var node = new JsonMapper()
                .readTree("{\"headers\":{\"Authorization\":\"Bearer a b\",\"Accept\":\"text/plain\"},"
                        + "\"list\":[{\"client_secret\":\"x\"},\"https://h/?token=y\"],\"tokens\":3}");

        assertThat(Secrets.hide(node))
                .hasToString("{\"headers\":{\"Authorization\":\"***\",\"Accept\":\"text/plain\"},"
                        + "\"list\":[{\"client_secret\":\"***\"},\"https://h/?token=***\"],\"tokens\":3}");
    }

    @Test
    @Timeout(5)
    void shouldTakeLittleTimeForTextThatLooksAlmostLikeASecret() {
        String text = "api_ke".repeat(20_000) + "\"" + "a.".repeat(50_000) + "://" + "x:".repeat(50_000);

        assertThat(Secrets.hide(text)).hasSameSizeAs(text);
    }
}
