using LlIcm.Benchmark.Restorers;

namespace LlIcm.Benchmark.Configuration;

/// <summary>A restorer.</summary>
public sealed record RestorerConfig
{
    /// <summary>A model's own restorer.</summary>
    internal const string Own = "model";

    /// <summary>A short name, of which lines of the report are made.</summary>
    public string Name { get; init; } = "";

    /// <summary>What it is: model, telea, diffusion, relight, dark-channel, clahe, bilateral, nlm; null: what <see cref="Name"/> says.</summary>
    public string? Kind { get; init; }

    /// <summary>The model: a preset or a folder.</summary>
    public string Model { get; init; } = LlIcmModel.Compact;

    /// <summary>Whether the model recognises by itself what is wrong; else it is told.</summary>
    public bool Recognise { get; init; }

    internal string KindOrName => (Kind ?? Name).ToLowerInvariant();

    internal string? Problem => KindOrName == Own || ClassicalRestorers.Names.Contains(KindOrName) ? null
        : $"there is no restorer '{KindOrName}': {Own}, {string.Join(", ", ClassicalRestorers.Names)}";
}
