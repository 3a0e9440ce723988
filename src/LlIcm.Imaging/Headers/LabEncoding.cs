namespace LlIcm.Imaging;

/// <summary>How samples encode L*, a* and b*.</summary>
internal enum LabEncoding
{
    /// <summary>TIFF's CIELab: a* and b* are two's complements.</summary>
    Signed,

    /// <summary>TIFF's ICCLab: a* and b* are offset by half of the range.</summary>
    Offset,
}
