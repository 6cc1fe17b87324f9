package io.penstock.http;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/** Ready when the application has started and the threads of every topology are at work. */
@Readiness
@ApplicationScoped
public class ReadyCheck implements HealthCheck {
    private final Services services;

    public ReadyCheck(Services services) {
        this.services = services;
    }

    @Override
    public HealthCheckResponse call() {
        Services.Readiness readiness = services.readiness();
        HealthCheckResponseBuilder response =
                HealthCheckResponse.named("topologies").status(readiness.ready());
        if (!readiness.reason().isEmpty()) {
            response.withData("reason", readiness.reason());
        }
        return response.build();
    }
}
