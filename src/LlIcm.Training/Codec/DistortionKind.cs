namespace LlIcm.Training.Codec;

/// <summary>What a codec's distortion is.</summary>
public enum DistortionKind
{
    /// <summary>255²·MSE.</summary>
    Mse,

    /// <summary>1 − MS-SSIM.</summary>
    MsSsim,
}
