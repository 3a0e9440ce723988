namespace LlIcm.Codecs.Mlic;

/// <summary>Sizes and parts of a codec of the MLIC family (Jiang et al., arXiv 2211.07273 and 2307.15421).</summary>
public sealed record MlicOptions
{
    /// <summary>Channels of the transforms at 1/2, 1/4 and 1/8 of the resolution; the papers' N three times.</summary>
    public required IReadOnlyList<int> TransformWidths { get; init; }

    /// <summary>Channels of the hyper latents: the papers' N.</summary>
    public required int HyperWidth { get; init; }

    /// <summary>Hidden channels of the hyper synthesis; null for the papers' M and 1.5·M.</summary>
    public IReadOnlyList<int>? HyperSynthesisWidths { get; init; }

    /// <summary>Channels of the latents: the papers' M.</summary>
    public required int LatentWidth { get; init; }

    /// <summary>Slices of the latents, coded one after the other.</summary>
    public required int Slices { get; init; }

    /// <summary>The context from anchors around a position.</summary>
    public LocalContextKind LocalContext { get; init; } = LocalContextKind.WindowAttention;

    /// <summary>The context from anchors all over the picture, by the previous slice's similarity.</summary>
    public GlobalContextKind IntraSliceContext { get; init; } = GlobalContextKind.Linear;

    /// <summary>The context from all previous slices all over the picture.</summary>
    public GlobalContextKind InterSliceContext { get; init; } = GlobalContextKind.Linear;

    /// <summary>Hidden channels of the entropy-parameter networks.</summary>
    public IReadOnlyList<int> EntropyParameterWidths { get; init; } = [320, 256, 128];

    /// <summary>Hidden channels of the channel context; the last is its output.</summary>
    public IReadOnlyList<int> ChannelContextWidths { get; init; } = [192, 128, 128];

    /// <summary>Hidden channels of the latent residual prediction; null interpolates as the weights of 2023-09 do.</summary>
    public IReadOnlyList<int>? ResidualPredictionWidths { get; init; } = [224, 128];

    /// <summary>Side of the skip convolutions of g_a: 1 as published, 2 to see every pixel.</summary>
    public int AnalysisSkipKernel { get; init; } = 1;

    /// <summary>Whether the synthesis reduces to N in its first block (weights of 2023-09).</summary>
    public bool OldSynthesis { get; init; }

    /// <summary>
    /// The trade-offs λ that the learned gains of a variable-rate model stand for, ascending; empty for one rate a checkpoint.
    /// </summary>
    public IReadOnlyList<double> GainLambdas { get; init; } = [];

    /// <summary>Channels of one slice.</summary>
    public int SliceWidth => LatentWidth / Slices;

    /// <summary>MLIC: N = M = 192, six slices, checkerboard convolutions, quadratic intra-slice attention.</summary>
    public static MlicOptions Mlic { get; } = Family(192, 192, 6) with
    {
        LocalContext = LocalContextKind.StackedCheckerboard,
        IntraSliceContext = GlobalContextKind.Quadratic,
        InterSliceContext = GlobalContextKind.None,
    };

    /// <summary>MLIC+: N = 192, M = 320, ten slices, window attention, quadratic global attention.</summary>
    public static MlicOptions MlicPlus { get; } = Family(192, 320, 10) with
    {
        IntraSliceContext = GlobalContextKind.Quadratic,
        InterSliceContext = GlobalContextKind.Quadratic,
    };

    /// <summary>MLIC++: as MLIC+ with linear global attention. The published checkpoint of 2024-04.</summary>
    public static MlicOptions MlicPlusPlus { get; } = Family(192, 320, 10);

    /// <summary>MLIC++ as published in 2023-09: larger residual prediction and another first synthesis block.</summary>
    public static MlicOptions MlicPlusPlus2023 { get; } =
        MlicPlusPlus with { OldSynthesis = true, ResidualPredictionWidths = null };

    /// <summary>Our small variable-rate codec, which is trained and shipped with this repository.</summary>
    public static MlicOptions Compact { get; } = new()
    {
        TransformWidths = [32, 64, 96],
        HyperWidth = 64,
        HyperSynthesisWidths = [64, 96],
        LatentWidth = 192,
        Slices = 6,
        AnalysisSkipKernel = 2,
        LocalContext = LocalContextKind.StackedCheckerboard,
        InterSliceContext = GlobalContextKind.None,
        EntropyParameterWidths = [96, 80, 64],
        ChannelContextWidths = [64, 64, 48],
        ResidualPredictionWidths = [24],
        GainLambdas = [0.0018, 0.0035, 0.0067, 0.0130, 0.0250, 0.0483, 0.0932, 0.1800],
    };

    /// <summary>The papers' layout with one transform width.</summary>
    public static MlicOptions Family(int n, int m, int slices) => new()
    {
        TransformWidths = [n, n, n],
        HyperWidth = n,
        LatentWidth = m,
        Slices = slices,
    };
}
