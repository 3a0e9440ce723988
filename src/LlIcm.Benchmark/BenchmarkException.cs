namespace LlIcm.Benchmark;

/// <summary>Something that can't be measured; the message is one line that says why.</summary>
/// <param name="message">One line.</param>
/// <param name="inner">What was caught, if anything.</param>
public sealed class BenchmarkException(string message, Exception? inner = null) : Exception(message, inner);
