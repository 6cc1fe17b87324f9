package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import org.junit.jupiter.api.Test;

class BoundedCallsTest {
    private final BoundedCalls calls = new BoundedCalls(2, "Two are enough.");

    @Test
    void shouldRefuseOneTooMany() throws InterruptedException {
        String innermost = calls.run(() -> calls.run(() -> {
            assertThatThrownBy(() -> calls.run(() -> "third"))
                    .isInstanceOf(PenstockException.class)
                    .hasMessage("Two are enough.")
                    .extracting(refused -> ((PenstockException) refused).code())
                    .isEqualTo(ErrorCode.BUSY);
            return "second";
        }));

        assertThat(innermost).isEqualTo("second");
    }

    @Test
    void shouldGiveRoomFreeAfterAFailure() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> calls.run(() -> {
                        throw new IllegalStateException("It fails.");
                    }))
                    .isInstanceOf(IllegalStateException.class);
        }

        assertThat(calls.<String>run(() -> "goes on")).isEqualTo("goes on");
    }
}
