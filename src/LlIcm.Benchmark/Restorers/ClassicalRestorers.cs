namespace LlIcm.Benchmark.Restorers;

/// <summary>Restorers that anybody has at hand: what a learned one has to beat.</summary>
public static class ClassicalRestorers
{
    private static readonly Dictionary<string, Func<IRestorerUnderTest>> s_known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["telea"] = () => new TeleaInpainting(),
        ["diffusion"] = () => new SmoothFilling(),
        ["relight"] = () => new ShadowRelighting(),
        ["dark-channel"] = () => new DarkChannelPrior(),
        ["clahe"] = () => new Clahe(),
        ["bilateral"] = () => new BilateralFilter(),
        ["nlm"] = () => new NonLocalMeans(),
    };

    /// <summary>The words for <see cref="Of"/>.</summary>
    public static IReadOnlyCollection<string> Names => s_known.Keys;

    /// <summary>The restorer of a name, with its usual settings.</summary>
    /// <exception cref="ArgumentException">There is no such restorer.</exception>
    public static IRestorerUnderTest Of(string name) => s_known.TryGetValue(name, out Func<IRestorerUnderTest>? make) ? make()
        : throw new ArgumentException($"there is no restorer '{name}': {string.Join(", ", Names)}");
}
