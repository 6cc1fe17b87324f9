package io.penstock.cli;

/** One command with its options, which picocli fills in. */
interface Task {
    ConnectionOptions connection();

    /** @throws Failure when it cannot do what was asked */
    ExitCode run(Surroundings here);
}
