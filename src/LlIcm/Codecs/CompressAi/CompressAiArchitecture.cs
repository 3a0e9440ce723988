namespace LlIcm.Codecs.CompressAi;

/// <summary>The codecs that MLIC is measured against, by the paper they are from; CompressAI's names of them in brackets.</summary>
public enum CompressAiArchitecture
{
    /// <summary>Ballé et al. 2018 without side information [bmshj2018-factorized].</summary>
    FactorizedPrior,

    /// <summary>Ballé et al. 2018: scales from a hyperprior [bmshj2018-hyperprior].</summary>
    ScaleHyperprior,

    /// <summary>Minnen et al. 2018: means too [mbt2018-mean].</summary>
    MeanScaleHyperprior,

    /// <summary>Minnen et al. 2018: and a context of what is decoded already [mbt2018].</summary>
    JointAutoregressive,

    /// <summary>Cheng et al. 2020: residual transforms [cheng2020-anchor].</summary>
    Cheng2020Anchor,

    /// <summary>Cheng et al. 2020: with attention [cheng2020-attn].</summary>
    Cheng2020Attention,
}
