namespace LlIcm.Quality;

/// <summary>The texts that LIQE compares a picture with.</summary>
public enum LiqePrompts
{
    /// <summary>
    /// 495 texts, each with a scene, a distortion and a quality: LIQE.pt, and IQA-PyTorch's <c>liqe_mix</c>.
    /// </summary>
    All,

    /// <summary>Five texts with a quality each: IQA-PyTorch's <c>liqe</c>, trained on KonIQ-10k.</summary>
    QualityOnly,
}
