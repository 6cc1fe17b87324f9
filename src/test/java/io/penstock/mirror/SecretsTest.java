package io.penstock.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SecretsTest {
    @Test
    void shouldHideKeysWhereverTheyStand() {
        Secrets secrets = new Secrets("pcsk_verysecret");

        assertThat(secrets.redact("key pcsk_verysecret is wrong, so is pcsk_verysecret"))
                .isEqualTo("key *** is wrong, so is ***");
    }

    @Test
    void shouldHideUserAndPasswordOfAnAddressAsTheyStandThereAndDecoded() {
        Secrets secrets = new Secrets("mongodb://keeper:p%40ssword@db.example:27017/penstock");

        assertThat(secrets.redact("keeper with p%40ssword or p@ssword at mongodb://keeper:p%40ssword@db.example:27017"))
                .doesNotContain("keeper", "ssword")
                .contains("db.example:27017");
    }

    @Test
    void shouldHideTheUserInfoOfAnyAddress() {
        assertThat(new Secrets("x").redact("tried redis://a:b@host:1")).isEqualTo("tried redis://***@host:1");
    }

    @Test
    void shouldSayWhatFailedOnOneLineEvenIfItHasNoMessage() {
        Secrets secrets = new Secrets("none at all");

        assertThat(secrets.of(new IllegalStateException("one\n  two"))).isEqualTo("one two");
        assertThat(secrets.of(new IllegalStateException())).isEqualTo("IllegalStateException");
        assertThat(secrets.of(new IllegalStateException("x".repeat(10_000)))).hasSizeLessThan(600);
    }
}
