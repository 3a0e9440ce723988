namespace LlIcm.Restoration;

/// <summary>The distribution of the state at a time: x = μ + α·(x₀ − μ) + σ·ε.</summary>
/// <param name="Alpha">What is left of x₀ − μ: exp(−∫θ), 1 at time 0.</param>
/// <param name="Sigma">The noise's standard deviation, 0 at time 0.</param>
public readonly record struct Marginal(double Alpha, double Sigma);
