namespace LlIcm.Quality;

/// <summary>What the shapes of Q-Align's weights do not tell. The defaults are those of q-future/one-align.</summary>
/// <param name="VisionHeads">Attention heads of the vision encoder.</param>
/// <param name="AbstractorHeads">Attention heads of the visual abstractor.</param>
/// <param name="LanguageHeads">Attention heads of the language model.</param>
/// <param name="KeyValueHeads">Heads of its keys and values; divides <paramref name="LanguageHeads"/>.</param>
/// <param name="VisionEpsilon">Of the vision encoder's normalisations.</param>
/// <param name="AbstractorEpsilon">Of the normalisation inside the abstractor's feed-forward part.</param>
/// <param name="LanguageEpsilon">Of the language model's RMS normalisations.</param>
/// <param name="RotaryBase">The base of the rotary frequencies.</param>
public sealed record QAlignOptions(
    int VisionHeads = 16, int AbstractorHeads = 16, int LanguageHeads = 32, int KeyValueHeads = 32,
    double VisionEpsilon = 1e-6, double AbstractorEpsilon = 1e-6, double LanguageEpsilon = 1e-6,
    double RotaryBase = 10000);
