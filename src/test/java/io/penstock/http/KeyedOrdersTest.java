package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyedOrdersTest {
    private final KeyedOrders orders = new KeyedOrders();

    @Test
    void shouldTakeTheSameOrderTwiceAtATimeAndRefuseAnother() {
        orders.begin("key", List.of("a", "b"));
        orders.begin("key", List.of("a", "b"));
        refused(List.of("a"));
        refused(List.of("b", "a"));
        assertThatCode(() -> orders.begin("another key", List.of("a"))).doesNotThrowAnyException();

        orders.end("key");

        refused(List.of("a"));
    }

    @Test
    void shouldForgetAnOrderWhenTheLastCallHasEnded() {
        orders.begin("key", List.of("a"));
        orders.begin("key", List.of("a"));
        orders.end("key");
        orders.end("key");

        assertThatCode(() -> orders.begin("key", List.of("b"))).doesNotThrowAnyException();
    }

    private void refused(List<String> order) {
        assertThatThrownBy(() -> orders.begin("key", order))
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.IDEMPOTENCY_CONFLICT));
    }
}
